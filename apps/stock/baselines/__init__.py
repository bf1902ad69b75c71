"""Random walks, linear models and models of the volatility."""
