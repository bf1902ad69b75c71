"""Scores, the backtest, and its verdict."""
