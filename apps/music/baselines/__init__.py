"""Baselines of music: what a sceptic would use instead of a network."""
