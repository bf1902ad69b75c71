"""Command-line inputs and answers, and the figure of a forecast."""
