"""Command-line inputs and answers, streams, and the picture."""
