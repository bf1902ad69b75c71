"""What a skeptic would use instead: the most frequent transcript, templates."""
