"""Tokenizers, word vectors and n-gram models."""
