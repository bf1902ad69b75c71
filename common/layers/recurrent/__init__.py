"""Layers that run a cell over a sequence."""
