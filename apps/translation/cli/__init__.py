"""Command-line inputs and answers, and attention heatmaps."""
