"""The fan chart: the last year of each history, and its forecast."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from apps.stock.data import calendar
from apps.stock.data.series import Series
from apps.stock.evaluation import plot_style
from apps.stock.model import distributions
from apps.stock.model import student_t
from apps.stock.model.quantiles import INDEX
from apps.stock.model.quantiles import MEDIAN

YEAR = 252  # Trading days.
BANDS = ((0.025, 0.975, "95 %"), (0.1, 0.9, "80 %"), (0.25, 0.75, "50 %"))
MAX_CHARTS = 6


def fan_charts(
    histories: list[Series], outputs: list[dict], target: str
) -> Figure:
    """Draws the last year and the coming days of each history.

    Args:
      histories: At most `MAX_CHARTS`.
      outputs: Of each: `quantiles` (horizon, levels), and `paths` (count,
        horizon) if any were drawn.
      target: One of `targets.KINDS`.
    """
    columns = 1 if len(histories) == 1 else 2
    count = -(-len(histories) // columns)
    figure = Figure(
        figsize=(9 if columns == 1 else 14, 4.5 * count), layout="constrained"
    )
    charts = figure.subplots(count, columns, squeeze=False).ravel()
    for axes, series, row in zip(charts, histories, outputs):
        _draw_fan(axes, series, row["quantiles"], row.get("paths", ()), target)
    for axes in charts[len(histories) :]:
        axes.remove()
    return figure


def _draw_fan(axes, series, quantiles, paths, target):
    horizon = len(quantiles)
    values = {
        "price": series.prices,
        "return": series.returns(),
        "volatility": np.abs(series.returns()),
    }[target]
    days = calendar.coming_days(series, horizon)
    for path in paths:
        axes.plot(days, path, color=plot_style.ACTUAL, lw=0.5, alpha=0.6)
    walk = _random_walk(series, horizon, target)
    if target == "price":  # Starts at the last price.
        days = np.append(series.dates[-1:], days)
        quantiles, walk = (
            np.concatenate([np.full([1, len(levels[0])], values[-1]), levels])
            for levels in (quantiles, walk)
        )
    axes.plot(
        series.dates[-YEAR:],
        values[-YEAR:],
        color=plot_style.ACTUAL,
        lw=1,
        label="known",
    )
    _draw_bands(axes, days, quantiles, walk)
    axes.set(title=f"{series.ticker} after {series.dates[-1]}", ylabel=target)
    if target != "price":
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="upper left", fontsize="small")
    plot_style.format_dates(axes)


def _draw_bands(axes, days, quantiles, walk):
    """Draws the bands of the forecast, and the limits of a random walk's."""
    for (low, high, name), alpha in zip(BANDS, (0.2, 0.35, 0.5)):
        axes.fill_between(
            days,
            quantiles[:, INDEX[low]],
            quantiles[:, INDEX[high]],
            color=plot_style.MODEL,
            alpha=alpha,
            lw=0,
            label=f"forecast, {name}",
        )
    median = quantiles[:, MEDIAN]
    axes.plot(days, median, color=plot_style.MODEL, lw=1.2, label="median")
    for style, (low, high, name) in zip(("--", ":"), BANDS):
        for level, label in ((low, f"random walk, {name}"), (high, None)):
            axes.plot(
                days,
                walk[:, INDEX[level]],
                color=plot_style.REFERENCE,
                ls=style,
                lw=1.2,
                label=label,
            )


def _random_walk(series, horizon, target):
    """Returns the quantiles of a random walk with constant volatility."""
    logs = np.log(series.prices)
    changes = [
        logs[n:] - logs[:-n] if target == "price" else np.diff(logs)
        for n in range(1, horizon + 1)
    ]
    fitted = np.concatenate([student_t.fit(c[:, None]) for c in changes])
    parameters = np.insert(fitted, 0, 0.0, axis=1).astype(np.float32)
    distribution = distributions.find("student_t", target)
    levels = distribution.quantiles(parameters).numpy()
    if target == "price":
        return series.prices[-1] * np.exp(levels)
    return levels
