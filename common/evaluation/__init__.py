"""Metrics, baselines, confidence intervals, and the report."""
