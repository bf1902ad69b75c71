"""What a backtest comes to, in sentences."""

import numpy as np

from apps.stock import scores
from apps.stock import significance
from apps.stock import student_t
from apps.stock import targets
from apps.stock.series import Series

LEVEL = 0.05  # Of the tests, both sides.
WALK = "random walk"
OF_VOLATILITY = (WALK, "EWMA", "GARCH")  # They leave the price as it is.


def conclude(
    y: np.ndarray,
    measured: dict,
    others: dict[str, dict],
    series: tuple[Series, ...],
    kind: str,
    seed: int,
) -> dict:
    """Returns scores of each ticker, tests, and a verdict on all and on each.

    The tests are those of the CRPS of the next day, against each baseline.

    Args:
      y: raw targets (examples, numbers).
      measured: what `scores.measure` returned for the model.
      others: the same for the baselines, by name.
      series: all markets.
      kind: of `targets.KINDS`.
      seed: of the bootstrap.
    """
    groups = blocks(y)
    lines, tickers = [], {}
    everyone = [None] if len(series) > 1 else []
    for one in [*everyone, *series]:
        rows = np.arange(len(y))
        if one:
            number = series.index(one)
            rows = np.flatnonzero(y[:, targets.TICKER] == number)
        if not len(rows):
            continue
        own = _rows(measured, rows)
        rest = {name: _rows(others[name], rows) for name in others}
        days = y[rows, targets.DAY]
        said = [
            *_on_price(own, rest, days, groups[rows], kind, seed),
            _on_distribution(own, rest, days),
        ]
        if one:
            tickers[one.ticker] = {
                **scores.scores(own),
                "baselines": {n: scores.scores(rest[n]) for n in rest},
            }
            if one.truth is not None and kind != "volatility":
                true = _true_crps(one, y[rows])
                tickers[one.ticker]["crps_of_truth"] = true
                above = 100 * (own["crps"][:, 0].mean() / true - 1)
                said.append(f"CRPS {above:+.1f} % above the true model's")
        lines.append(f"{one.ticker if one else 'all'}: {'; '.join(said)}.")
    tests = {
        name: significance.diebold_mariano(
            others[name]["crps"][:, 0] - measured["crps"][:, 0],
            y[:, targets.DAY],
            1,
        )
        for name in others
    }
    return {
        "tickers": tickers,
        "diebold_mariano": {
            name: {"gain": gain, "p": p} for name, (gain, p) in tests.items()
        },
        "verdict": lines,
    }


def blocks(y: np.ndarray) -> np.ndarray:  # (examples,)
    """Returns the block of days of each example, for a bootstrap."""
    length = max(20, 2 * targets.horizon(y))
    return significance.blocks(y[:, targets.DAY], length)


def _rows(measured, rows):
    return {name: values[rows] for name, values in measured.items()}


def _on_price(own, others, days, groups, kind, seed):
    """Yields sentences on the point forecast of the next day."""
    mine, walk = own["absolute"][:, 0], others[WALK]["absolute"][:, 0]
    gain, p = significance.diebold_mariano(walk - mine, days, 1)
    low, high = significance.skill_interval(mine, walk, groups, seed)
    better = "better" if gain > 0 and p < LEVEL else "not better"
    yield (
        f"on {kind}: {better} than a random walk (skill "
        f"{_signed(low)} … {_signed(high)}, {_p(p)})"
    )
    hits = own["direction"][:, 0]
    if (hits == 0.5).all():
        yield "direction: not told"
    else:
        share = hits.mean()
        low, high = significance.binomial_interval(hits.sum(), len(hits))
        yield (
            f"direction: right on {share:.1%} of {len(hits):,} days "
            f"(binomial {low:.1%} … {high:.1%})"
        )


def _on_distribution(own, others, days):
    """Returns a sentence on the distribution of the next day."""
    mine = own["crps"][:, 0]
    best = min(others, key=lambda name: others[name]["crps"][:, 0].mean())
    theirs = others[best]["crps"][:, 0]
    gain, p = significance.diebold_mariano(theirs - mine, days, 1)
    percent = 100 * gain / theirs.mean()
    what = "volatility" if best in OF_VOLATILITY else "the distribution"
    if gain > 0 and p < LEVEL:
        return (
            f"on {what}: better than {best} by {percent:.1f} % CRPS ({_p(p)})"
        )
    return (
        f"on {what}: not better than {best} ({_signed(percent, 1)} % CRPS, "
        f"{_p(p)})"
    )


def _true_crps(one, y):
    """Returns the mean CRPS of the true distribution of the next day."""
    places = np.searchsorted(one.dates, y[:, targets.DAY].astype("M8[D]"))
    values = targets.values(y)[:, 0].astype(float)
    return float(student_t.crps(one.truth[places], values).mean())


def _p(p):
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def _signed(value, digits=2):
    """Returns a number with its sign; -0.00 is 0.00."""
    text = f"{value:.{digits}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return text.replace("-", "−")
