"""Prices print with the digits that count."""

import numpy as np
import pytest

from apps.stock.cli import answers
from apps.stock.data.series import Series
from apps.stock.model.quantiles import LEVELS


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (43000.12, "43,000.12"),
        (115.784, "115.78"),
        (10, "10.00"),
        (1.08234, "1.0823"),
        (0.5, "0.50000"),
        (0.0000154663, "0.000015466"),
        (1e-12, "0.0000000000010000"),
        (9.99999, "10.0000"),
        (0.0, "0.00"),
    ],
)
def test_a_price_has_the_digits_that_count(price, text):
    assert answers.price_text(price) == text


def test_no_line_of_a_forecast_loses_a_small_price():
    prices = np.full(30, 1.54663e-5)
    dates = np.arange("2023-01-01", "2023-01-31", dtype="M8[D]")
    series = Series("SHIB-USD", dates, prices, np.zeros([30, 5]))
    outputs = {
        "quantiles": np.full([2, len(LEVELS)], 1.5e-5),
        "volatility": np.full(2, 0.05),
        "paths": np.full([1, 2], 1.6e-5),
    }
    lines = answers.daily(series, outputs, "price")
    assert "at 0.000015466" in lines[0]
    assert "0.000015000 (50 %: 0.000015000" in lines[1]
    assert lines[-1] == "  path 1: 0.000016000 0.000016000"
    (line, path) = answers.summary("test:0", series, outputs, "price")
    assert "at 0.000015466: next day 0.000015000" in line
    assert path == lines[-1]
