"""Loops over time and the custom gradient; private to `layers`."""
