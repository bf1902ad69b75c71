"""Regularization and pooling of sequences."""
