"""Language modeling: text in, the probability of each next token out."""
