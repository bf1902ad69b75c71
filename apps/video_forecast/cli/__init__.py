"""Clips in, forecast frames out."""
