"""The network, its features, distributions and losses."""
