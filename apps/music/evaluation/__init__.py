"""Nats per frame, and statistics of composed pieces."""
