"""What a skeptic would use instead: the most frequent label, single frames."""
