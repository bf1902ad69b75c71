"""The network, and the n-gram features that it may read."""
