"""Scores of forecast frames, and their figure."""
