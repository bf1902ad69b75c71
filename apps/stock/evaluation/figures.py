"""The figure of a backtest: bands, calibration and skill."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from apps.stock.evaluation import best_of_each
from apps.stock.evaluation import plot_style
from apps.stock.evaluation import scores
from apps.stock.evaluation.verdict import WALK
from apps.stock.evaluation.verdict import Results
from apps.stock.model.quantiles import INDEX
from apps.stock.model.quantiles import LEVELS

COLORS = {
    "drift": "tab:gray",
    "seasonal naive": "tab:olive",
    "exp. smoothing": "tab:green",
    "ARIMA": "tab:purple",
    "EWMA": "tab:orange",
    "GARCH": "tab:red",
    "EWMA of ranges": "tab:pink",
    "log-HAR": "tab:brown",
    best_of_each.NAME: "tab:cyan",
}
MAX_MARKETS = 6
MIN_SKILL = -0.3  # A worse baseline would flatten the other curves.


def backtest(results: Results, tickers: list[str]) -> Figure:
    """Draws the bands of each market, the calibration, and the skill.

    Args:
      results: Of all test examples.
      tickers: Names of the markets; the first `MAX_MARKETS` are drawn.
    """
    drawn = tickers[:MAX_MARKETS]
    figure = Figure(figsize=(14, 2.2 * len(drawn) + 5), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[2.2 * len(drawn), 5])
    rows = above.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
    for number, (axes, ticker) in enumerate(zip(rows, drawn)):
        _draw_band(axes, results.of_ticker(number), ticker)
    left, right = below.subplots(1, 2)
    _draw_calibration(left, results)
    _draw_skill(right, results)
    return figure


def _draw_band(axes, results, ticker):
    """Draws each next day and its 90 % band."""
    days = results.y["day"].astype("M8[D]")
    values = results.y["values"][:, 0]
    quantiles = results.model["quantiles"]
    low, high = quantiles[:, INDEX[0.05]], quantiles[:, INDEX[0.95]]
    outside = (values < low) | (values > high)
    axes.fill_between(
        days,
        low,
        high,
        color=plot_style.MODEL,
        alpha=0.3,
        lw=0,
        label="90 % band",
    )
    axes.plot(
        days, values, ".", ms=2, color=plot_style.ACTUAL, label="next day"
    )
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
    plot_style.format_dates(axes)


def _draw_calibration(axes, results):
    """Draws how often the actual value was below each quantile."""
    values = results.y["values"]
    best = results.best_baseline
    axes.plot([0, 1], [0, 0], color="0.7", lw=1)
    for name, statistics, color in (
        ("model", results.model, plot_style.MODEL),
        (best, results.baselines[best], plot_style.REFERENCE),
    ):
        for day, suffix in scores.suffixes(values.shape[1]).items():
            quantiles = statistics[f"quantiles{suffix}"]
            below = (values[:, day - 1, None] <= quantiles).mean(0)
            axes.plot(
                LEVELS,
                below - LEVELS,
                "-" if day == 1 else "--",
                marker=".",
                color=color,
                label=f"{name}, day {day}",
            )
    axes.set(
        title="Calibration: 0 is perfect",
        xlabel="quantile",
        ylabel="share of values below it, minus the quantile",
    )
    limit = max(0.08, *np.abs(axes.get_ylim()))
    axes.set_ylim(-limit, limit)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)


def _draw_skill(axes, results):
    """Draws the gain in CRPS over the random walk by the days ahead."""
    walk = results.baselines[WALK]["crps_by_day"].mean(0)
    days = np.arange(1, len(walk) + 1)
    axes.axhline(0, color="0.5", lw=1)
    for name, statistics in {
        "model": results.model,
        **results.baselines,
    }.items():
        is_model = name == "model"
        skill = 1 - statistics["crps_by_day"].mean(0) / walk
        if name == WALK or skill.min() < MIN_SKILL:
            continue
        axes.plot(
            days,
            skill,
            marker=".",
            lw=2.5 if is_model else 1,
            color=plot_style.MODEL if is_model else COLORS[name],
            label=name,
            zorder=3 if is_model else 2,
        )
    axes.set(
        title="Skill: gain in CRPS over the random walk",
        xlabel="days ahead",
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
