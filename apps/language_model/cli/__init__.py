"""The commands, and spelling correction."""
