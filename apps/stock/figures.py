"""Figures: the days to come, and what the backtest says."""

import matplotlib.dates
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from apps.stock import distributions
from apps.stock import student_t
from apps.stock import targets
from apps.stock import trading_days
from apps.stock.distributions import PLACES
from apps.stock.series import Series

COLOURS = {
    "drift": "tab:gray",
    "seasonal naive": "tab:olive",
    "exp. smoothing": "tab:green",
    "ARIMA": "tab:purple",
    "EWMA": "tab:orange",
    "GARCH": "tab:red",
}
YEAR = 252  # Trading days.
BANDS = ((0.025, 0.975, "95 %"), (0.1, 0.9, "80 %"), (0.25, 0.75, "50 %"))
OURS, THEIRS, KNOWN = "tab:blue", "tab:orange", "0.25"
MOST = 6  # Markets of one figure.


def fans(series: list[Series], rows: list[dict], kind: str) -> Figure:
    """Draws the last year and the coming days of each market.

    Args:
      series: what was known.
      rows: of each, `quantiles` (horizon, levels), and `paths` (count,
        horizon) if they were drawn.
      kind: of `targets.KINDS`.
    """
    columns = 1 if len(series) == 1 else 2
    count = -(-len(series) // columns)
    figure = Figure(
        figsize=(9 if columns == 1 else 14, 4.5 * count), layout="constrained"
    )
    drawn = figure.subplots(count, columns, squeeze=False).ravel()
    for axes, one, row in zip(drawn, series, rows):
        _fan(axes, one, row["quantiles"], row.get("paths", ()), kind)
    for axes in drawn[len(series) :]:
        axes.remove()
    return figure


def _fan(axes, one, quantiles, paths, kind):
    horizon = len(quantiles)
    values = {
        "price": one.prices,
        "return": one.returns(),
        "volatility": np.abs(one.returns()),
    }[kind]
    days = trading_days.coming(one.dates, horizon)
    walk = _walk(one, horizon, kind)
    if kind == "price":  # From the last day on.
        days = np.append(one.dates[-1:], days)
        quantiles, walk = (
            np.concatenate([np.full([1, len(levels[0])], values[-1]), levels])
            for levels in (quantiles, walk)
        )
    axes.plot(
        one.dates[-YEAR:], values[-YEAR:], color=KNOWN, lw=1, label="known"
    )
    for (low, high, name), alpha in zip(BANDS, (0.2, 0.35, 0.5)):
        axes.fill_between(
            days,
            quantiles[:, PLACES[low]],
            quantiles[:, PLACES[high]],
            color=OURS,
            alpha=alpha,
            lw=0,
            label=f"forecast, {name}",
        )
    for path in paths:
        axes.plot(days[-horizon:], path, color=KNOWN, lw=0.5, alpha=0.6)
    middle = quantiles[:, distributions.MIDDLE]
    axes.plot(days, middle, color=OURS, lw=1.2, label="median")
    for style, (low, high, name) in zip(("--", ":"), BANDS):
        for place, label in ((low, f"random walk, {name}"), (high, None)):
            axes.plot(
                days,
                walk[:, PLACES[place]],
                color=THEIRS,
                ls=style,
                lw=1.2,
                label=label,
            )
    axes.set(title=f"{one.ticker} after {one.dates[-1]}", ylabel=kind)
    if kind != "price":
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="upper left", fontsize="small")
    _dated(axes)


def _walk(one, horizon, kind):
    """Returns the quantiles of a random walk of constant volatility."""
    logs = np.log(one.prices)
    changes = [
        logs[n:] - logs[:-n] if kind == "price" else np.diff(logs)
        for n in range(1, horizon + 1)
    ]
    fitted = np.concatenate([student_t.fit(c[:, None]) for c in changes])
    parameters = np.insert(fitted, 0, 0.0, axis=1).astype(np.float32)
    of = distributions.named("student_t", kind)
    levels = of.quantiles(parameters).numpy()
    return one.prices[-1] * np.exp(levels) if kind == "price" else levels


def backtest(
    y: np.ndarray,
    measured: dict,
    others: dict[str, dict],
    tickers: list[str],
) -> Figure:
    """Draws what came within the bands, the calibration, and the skill.

    Args:
      y: raw targets (examples, numbers).
      measured: what `scores.measure` returned for the model.
      others: the same for the baselines, by name.
      tickers: names of the markets.
    """
    shown = tickers[:MOST]
    figure = Figure(figsize=(14, 2.2 * len(shown) + 5), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[2.2 * len(shown), 5])
    drawn = above.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for number, (axes, ticker) in enumerate(zip(drawn, shown)):
        rows = y[:, targets.TICKER] == number
        _band(axes, y[rows], measured["log_quantiles"][rows, 0], ticker)
    left, right = below.subplots(1, 2)
    _calibration(left, y, measured, others)
    _skill(right, measured, others)
    return figure


def _band(axes, y, quantiles, ticker):
    """Draws each next day beside its band of 90 %."""
    days = y[:, targets.DAY].astype("M8[D]")
    values = targets.values(y)[:, 0]
    low, high = quantiles[:, PLACES[0.05]], quantiles[:, PLACES[0.95]]
    outside = (values < low) | (values > high)
    axes.fill_between(
        days, low, high, color=OURS, alpha=0.3, lw=0, label="90 % band"
    )
    axes.plot(days, values, ".", ms=2, color=KNOWN, label="next day")
    axes.plot(
        days[outside],
        values[outside],
        ".",
        ms=4,
        color="tab:red",
        label=f"outside ({outside.mean():.1%})",
    )
    axes.set_ylabel(ticker)
    axes.margins(x=0.02, y=0.25)  # Room for the legend.
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="upper left", ncols=3, fontsize="small")
    axes.grid(alpha=0.3)
    _dated(axes)


def _calibration(axes, y, measured, others):
    """Draws how often what came was below each quantile."""
    values = targets.values(y)
    last = values.shape[1] - 1
    best = min(others, key=lambda name: others[name]["crps"][:, 0].mean())
    axes.plot([0, 1], [0, 0], color="0.7", lw=1)
    for name, source, colour in (
        ("model", measured, OURS),
        (best, others[best], THEIRS),
    ):
        for day, style in {0: "-", last: "--"}.items():
            below = values[:, day, None] <= source["log_quantiles"][:, day]
            axes.plot(
                distributions.LEVELS,
                below.mean(0) - distributions.LEVELS,
                style,
                marker=".",
                color=colour,
                label=f"{name}, day {day + 1}",
            )
    axes.set(
        title="Calibration: 0 is right",
        xlabel="quantile",
        ylabel="share that came below, less the quantile",
    )
    limit = max(0.08, *np.abs(axes.get_ylim()))
    axes.set_ylim(-limit, limit)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)


def _skill(axes, measured, others):
    """Draws the gain in CRPS over the random walk by the days ahead."""
    walk = others["random walk"]["crps"].mean(0)
    days = np.arange(1, len(walk) + 1)
    axes.axhline(0, color="0.5", lw=1)
    for name, source in {"model": measured, **others}.items():
        ours = name == "model"
        skill = 1 - source["crps"].mean(0) / walk
        # What is far worse would hide the others.
        if name == "random walk" or skill.min() < -0.3:
            continue
        axes.plot(
            days,
            skill,
            marker=".",
            lw=2.5 if ours else 1,
            color=OURS if ours else COLOURS[name],
            label=name,
            zorder=3 if ours else 2,
        )
    axes.set(
        title="Skill: gain in CRPS over the random walk",
        xlabel="days ahead",
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)


def _dated(axes):
    locator = matplotlib.dates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        matplotlib.dates.ConciseDateFormatter(locator)
    )
