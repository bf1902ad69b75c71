"""The network, its distributions of a frame, and what it answers."""
