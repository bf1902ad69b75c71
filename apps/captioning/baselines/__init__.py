"""Baselines without a language model: captions of known pictures."""
