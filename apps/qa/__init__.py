"""Question answering: a story and a question in, an answer out."""
