"""Command-line inputs and answers, the chat, and explanations."""
