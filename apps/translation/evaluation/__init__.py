"""BLEU, chrF and perplexity."""
