"""Video forecasting: frames in, the next frames out."""
