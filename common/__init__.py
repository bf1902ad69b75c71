"""What all apps share: the runner, layers, text, decoding, metrics."""

__version__ = "0.1.0"
