"""Decoding of image files inside the graph."""
