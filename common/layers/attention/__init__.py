"""Attention, and decoders that attend."""
