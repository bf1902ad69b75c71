"""N-gram models, the baselines that a network must beat."""
