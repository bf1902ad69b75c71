"""Sentiment analysis: a review in, a probability out."""
