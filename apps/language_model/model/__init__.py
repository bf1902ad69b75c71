"""The language model: its network, training data, scores and generation."""
