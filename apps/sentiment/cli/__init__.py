"""Command-line inputs and answers, and explanations."""
