"""The network, and the signatures that answer."""
