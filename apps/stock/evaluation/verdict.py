"""The conclusions of a backtest, in sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from apps.stock.baselines import forecasts
from apps.stock.data.series import Series
from apps.stock.evaluation import best_of_each
from apps.stock.evaluation import degeneracy
from apps.stock.evaluation import intervals
from apps.stock.evaluation import scores
from apps.stock.model import significance
from apps.stock.model import student_t
from common.evaluation.evaluation import Notes

LEVEL = 0.05  # Of significance, two-sided.
WALK = "random walk"
# They forecast no direction.
VOLATILITY_MODELS = (WALK, *forecasts.VOLATILITY_MODELS, forecasts.HAR_X)

Arrays = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Results:
    """Statistics of a model and of its baselines on the same examples.

    Attributes:
      y: See `targets`.
      model: See `scores.per_example`.
      baselines: The same of each baseline, by name.
      clusters: Blocks of days; see `bootstrap.interval`.
    """

    y: Arrays
    model: Arrays
    baselines: dict[str, Arrays]
    clusters: np.ndarray

    def of_ticker(self, number: int) -> Results:
        """Returns the results of one market."""
        (rows,) = np.nonzero(self.y["ticker"] == number)
        return Results(
            _rows(self.y, rows),
            _rows(self.model, rows),
            {
                name: _rows(s, rows)
                for name, s in self.baselines.items()
                if name != best_of_each.NAME
            },
            self.clusters[rows],
        )

    @property
    def best_baseline(self) -> str:
        """Name of the baseline with the lowest CRPS of the next day."""
        mean = {n: s["crps"].mean() for n, s in self.baselines.items()}
        return min(mean, key=mean.__getitem__)

    def test(self, baseline: str, statistic: str) -> tuple[float, float]:
        """Returns the mean gain over a baseline, and its p-value.

        Args:
          baseline: Its name.
          statistic: Name of a loss of the next day.
        """
        gains = self.baselines[baseline][statistic] - self.model[statistic]
        return significance.diebold_mariano(gains, self.y["day"], 1)


def _rows(arrays, rows):
    return {name: values[rows] for name, values in arrays.items()}


def notes(
    results: Results,
    series: Sequence[Series],
    target: str,
    window: int,
    seed: int,
) -> Notes:
    """Returns a verdict on all markets and on each, and the scores of each.

    Args:
      results: Of all test examples.
      series: All markets.
      target: One of `targets.KINDS`.
      window: Days that the network reads.
      seed: Seed of the bootstrap.
    """
    sentences, tickers = [], {}
    if len(series) > 1:
        clauses = [_on_target(results, target, seed), _on_distribution(results)]
        sentences.append(f"all: {'; '.join(clauses)}.")
    for number, market in enumerate(series):
        part = results.of_ticker(number)
        if not len(part.clusters):
            continue
        clauses = [
            _on_target(part, target, seed),
            _on_direction(part.model["direction"]),
            _on_distribution(part),
        ]
        if not part.y["values"].any():  # There is nothing to compare.
            clauses = []
        clauses += degeneracy.clauses(market, part.y, window)
        tickers[market.ticker] = _scores(part)
        if market.truth is not None and target != "volatility":
            crps = _crps_of_truth(market, part.y)
            tickers[market.ticker]["crps_of_truth"] = crps
            excess = 100 * (part.model["crps"].mean() / crps - 1)
            clauses.append(f"CRPS {excess:+.1f} % above the true model's")
        sentences.append(f"{market.ticker}: {'; '.join(clauses)}.")
    tests = {n: results.test(n, "crps") for n in results.baselines}
    details = {
        "tickers": tickers,
        "diebold_mariano": {
            name: {"gain": gain, "p": p} for name, (gain, p) in tests.items()
        },
    }
    return Notes(sentences, details)


def _scores(results):
    horizon = results.y["values"].shape[1]
    return {
        **scores.aggregate(results.model, horizon),
        "baselines": {
            name: scores.aggregate(statistics, horizon)
            for name, statistics in results.baselines.items()
        },
    }


def _crps_of_truth(market, y):
    """Returns the mean CRPS of the true distribution of the next day."""
    places = np.searchsorted(market.dates, y["day"].astype("M8[D]"))
    values = y["values"][:, 0].astype(float)
    return float(student_t.crps(market.truth[places], values).mean())


def _comparison(gain, p):
    """Returns the result of a test in words."""
    if p >= LEVEL:
        return "not better"
    return "better" if gain > 0 else "worse"


def _on_target(results, target, seed):
    gain, p = results.test(WALK, "absolute_error")
    low, high = intervals.skill(
        results.model["absolute_error"],
        results.baselines[WALK]["absolute_error"],
        results.clusters,
        seed,
    )
    return (
        f"on {target}: {_comparison(gain, p)} than a random walk (skill "
        f"{_signed(low)} … {_signed(high)}, {_p_value(p)})"
    )


def _on_direction(hits):
    if (hits == 0.5).all():
        return "direction: not forecast"
    low, high = intervals.binomial(hits.sum(), len(hits))
    return (
        f"direction: right on {hits.mean():.1%} of {len(hits):,} days "
        f"(binomial {low:.1%} … {high:.1%})"
    )


def _on_distribution(results):
    best = results.best_baseline
    gain, p = results.test(best, "crps")
    percent = 100 * gain / results.baselines[best]["crps"].mean()
    subject = "volatility" if best in VOLATILITY_MODELS else "the distribution"
    comparison = _comparison(gain, p)
    if comparison == "not better":
        return (
            f"on {subject}: not better than {best} ({_signed(percent, 2)} % "
            f"CRPS, {_p_value(p)})"
        )
    return (
        f"on {subject}: {comparison} than {best} by {abs(percent):.2f} % CRPS "
        f"({_p_value(p)})"
    )


def _p_value(p):
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def _signed(value, digits=2):
    """Formats a number with its sign; -0.00 becomes 0.00."""
    text = f"{value:.{digits}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "−")
