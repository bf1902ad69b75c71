"""Nats per frame, and what generated pieces are like."""
