"""Command-line inputs and answers, and figures."""
