"""Perplexity, with a cache and dynamic evaluation if the options say so."""
