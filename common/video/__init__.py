"""Clips: decoding inside the graph, reading of files, writing."""
