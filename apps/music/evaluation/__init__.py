"""Evaluation: scores of frames, and the statistics of generated music."""
