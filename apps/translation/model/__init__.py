"""The network, its signatures, and ensembles of networks."""
