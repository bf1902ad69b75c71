"""Scores of single forecasts."""

import numpy as np

from apps.stock.evaluation import scores
from apps.stock.model.quantiles import LEVELS


def test_the_direction_of_a_volatility_is_that_from_its_median():
    """Forecast up, down and up from 0.015; actually up, up and down."""
    medians = np.array([0.018, 0.012, 0.018])
    spread = np.linspace(0.9, 1.1, len(LEVELS))
    values = np.array([0.02, 0.02, 0.01])
    y = {
        "values": values[:, None],
        "now": np.full(3, 0.015),
        "scales": np.full((3, 1), 0.01),
    }
    outputs = {"log_quantiles": (medians[:, None] * spread)[:, None]}
    statistics = scores.per_example(y, outputs, "volatility")
    assert statistics["direction"].tolist() == [1, 0, 0]
    np.testing.assert_allclose(
        statistics["scaled_error"], np.abs(values - medians) / 0.01
    )
