"""Command-line inputs and answers, and the timeline."""
