"""N-gram counts and smoothed n-gram models of tokenized texts."""
