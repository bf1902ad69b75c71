"""Scores of forecasts: of each example, and of all of them."""

import dataclasses

import numpy as np

from apps.stock.model import distributions
from apps.stock.model import quantiles
from apps.stock.model import student_t
from common.evaluation.metric import Metric

# Lower and upper quantile of each band, by its nominal coverage in %.
BANDS = {50: (0.25, 0.75), 80: (0.1, 0.9), 90: (0.05, 0.95), 95: (0.025, 0.975)}
# Moves that float32 cannot tell from none, in log prices.
NO_MOVE = 1e-7
CRPS = Metric(
    "crps",
    "Continuous ranked probability score of the distribution.",
    lower_is_better=True,
)
NEXT_DAY = (
    CRPS,
    Metric(
        "mase",
        "Absolute error of the median over that of the naive forecast within "
        "the window.",
        lower_is_better=True,
    ),
    Metric("rmse", "Root mean square error of the mean.", lower_is_better=True),
    Metric(
        "log_score",
        "Mean negative log density of the actual values.",
        lower_is_better=True,
        unit="nats",
    ),
    *(
        Metric(
            f"coverage_{band}",
            f"Share of actual values in the {band} % band; {band / 100} is "
            "perfect calibration.",
        )
        for band in BANDS
    ),
    Metric(
        "direction_accuracy",
        "Share of moves whose direction is forecast; no forecast counts half.",
    ),
)


def suffixes(horizon: int) -> dict[int, str]:
    """Returns the suffix of the scores of each day that is reported."""
    return {1: "", horizon: f"_h{horizon}" if horizon > 1 else ""}


def metrics(horizon: int) -> tuple[Metric, ...]:
    """Returns the metrics of the next day and of the last day."""
    return tuple(
        dataclasses.replace(
            metric,
            name=metric.name + suffix,
            definition=f"{metric.definition[:-1]}, on day {day}.",
        )
        for day, suffix in suffixes(horizon).items()
        for metric in NEXT_DAY
    )


def per_example(
    y: dict[str, np.ndarray], outputs: dict[str, np.ndarray], target: str
) -> dict[str, np.ndarray]:
    """Returns the statistics of each example by name.

    Args:
      y: See `targets`.
      outputs: `location`, `scale` and `freedom`, (examples, horizon), or
        `log_quantiles`, (examples, horizon, levels).
      target: One of `targets.KINDS`.

    Returns:
      "crps_by_day" (examples, horizon), and for the next day, and with a
      suffix for the last one: "crps"; "log_score", the negative log density;
      "absolute_error", "squared_error" and "scaled_error"; "direction", 1
      where it is right, 0.5 where none is forecast; "covered_50" and so on,
      (examples,) each; "quantiles" (examples, levels).
    """
    by_day = _by_day(y, outputs, target)
    statistics = {"crps_by_day": by_day["crps"]}
    for day, suffix in suffixes(y["values"].shape[1]).items():
        for name, values in by_day.items():
            statistics[name + suffix] = values[:, day - 1]
    return statistics


def _by_day(y, outputs, target):
    """Returns the statistics (examples, horizon, ...) of each day."""
    values = y["values"].astype(float)
    levels, mean, crps, log_density = _distribution(outputs, values, target)
    median = levels[..., quantiles.MEDIAN]
    now = y["now"][:, None]
    errors = np.abs(values - median)
    return {
        "crps": crps,
        "log_score": -log_density,
        "absolute_error": errors,
        "squared_error": (values - mean) ** 2,
        "scaled_error": errors / y["scales"],
        "direction": _hits(values - now, median - now),
        **{
            f"covered_{band}": (levels[..., quantiles.INDEX[low]] <= values)
            & (values <= levels[..., quantiles.INDEX[high]])
            for band, (low, high) in BANDS.items()
        },
        "quantiles": levels,
    }


def _distribution(outputs, values, target):
    """Returns quantiles, mean, CRPS and log density of the forecasts."""
    if "log_quantiles" in outputs:
        distribution = distributions.find("quantiles", target)
        levels = parameters = outputs["log_quantiles"]
        log_density = quantiles.log_density(levels, values)
    else:
        distribution = distributions.find("student_t", target)
        names = ("location", "scale", "freedom")
        parameters = np.stack([outputs[name] for name in names], -1)
        levels = distribution.quantiles(parameters.astype(np.float32)).numpy()
        log_density = distribution.log_density(parameters, values).numpy()
    if "log_quantiles" in outputs or target == "volatility":
        crps = quantiles.crps(levels, values.astype(np.float32)).numpy()
    else:
        crps = student_t.crps(parameters, values)
    return levels, np.asarray(distribution.mean(parameters)), crps, log_density


def _hits(moves, forecasts):
    """Returns 1 where the signs are equal, 0.5 where one is 0."""
    forecasts = np.where(np.abs(forecasts) < NO_MOVE, 0, forecasts)
    return (1 + np.sign(moves) * np.sign(forecasts)) / 2


def aggregate(
    statistics: dict[str, np.ndarray], horizon: int
) -> dict[str, float]:
    """Returns the metrics; see `metrics`."""
    values = {}
    for suffix in suffixes(horizon).values():

        def mean(name, suffix=suffix):
            return float(statistics[name + suffix].mean())

        values |= {
            f"crps{suffix}": mean("crps"),
            f"mase{suffix}": mean("scaled_error"),
            f"rmse{suffix}": mean("squared_error") ** 0.5,
            f"log_score{suffix}": mean("log_score"),
            **{
                f"coverage_{band}{suffix}": mean(f"covered_{band}")
                for band in BANDS
            },
            f"direction_accuracy{suffix}": mean("direction"),
        }
    return values
