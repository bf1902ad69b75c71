"""Exported models, in several formats, and their model cards."""
