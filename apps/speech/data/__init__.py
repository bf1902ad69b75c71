"""Data sets of recordings and their transcripts."""

DATASETS: dict = {}
