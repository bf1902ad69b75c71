"""Word-by-word translation, and no translation."""
