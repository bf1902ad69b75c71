"""SavedModels and their model cards."""
