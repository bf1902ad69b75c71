"""Stock forecasting: a table of daily prices in, distributions out."""
