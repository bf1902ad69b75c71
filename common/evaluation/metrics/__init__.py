"""Metrics by the kind of answer that they score."""
