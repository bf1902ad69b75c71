"""The network, its loss and its signatures."""
