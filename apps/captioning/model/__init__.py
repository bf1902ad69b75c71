"""The network, its training inputs, and self-critical training."""
