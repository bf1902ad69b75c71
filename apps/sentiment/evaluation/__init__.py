"""Scores next to NB-SVM, and the confusion matrix."""
