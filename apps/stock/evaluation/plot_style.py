"""The style of all figures."""

import matplotlib.dates

MODEL, REFERENCE, ACTUAL = "tab:blue", "tab:orange", "0.25"  # Colors.


def format_dates(axes) -> None:
    """Sets short date labels on the horizontal axis."""
    locator = matplotlib.dates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        matplotlib.dates.ConciseDateFormatter(locator)
    )
