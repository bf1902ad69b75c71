"""Greedy decoding, sampling, beam search, and text generators."""
