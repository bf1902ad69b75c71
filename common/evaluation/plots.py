"""Learning curves, and the writing of figures."""

import io
import pathlib

from matplotlib import figure as figure_lib
from matplotlib.ticker import MaxNLocator

from common import files
from common.errors import UsageError


class Figure(figure_lib.Figure):
    """A figure that a notebook shows."""

    def _repr_png_(self):
        """Returns the content of a PNG file; IPython calls it."""
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


def learning_curves(history: list[dict[str, float]], kept: int) -> Figure:
    """Draws each metric over the epochs, in training and validation.

    Args:
      history: A dict for each epoch: epoch, seconds, metrics, and metrics of
        the validation split with the prefix "val_".
      kept: The epoch whose weights are kept.
    """
    names = [n.removeprefix("val_") for n in history[0] if n[:4] == "val_"]
    figure = Figure(figsize=(5 * len(names), 4), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(
        figure.subplots(1, len(names), squeeze=False)[0], names
    ):
        for prefix, label in (("", "training"), ("val_", "validation")):
            if prefix + name in history[0]:
                values = [row[prefix + name] for row in history]
                axes.plot(epochs, values, marker="o", label=label)
        axes.axvline(kept, color="0.7", linestyle=":", label="kept epoch")
        axes.set(xlabel="epoch", title=name.replace("_", " "))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
        axes.grid(alpha=0.3)
    return figure


def sweep(rows: list[dict], names: list[str], metric: str) -> Figure:
    """Draws the scores of the trials of a sweep by each of their options.

    Args:
      rows: A dict for each trial, the best one first.
      names: The options; each has a chart, with its values side by side.
      metric: The key of the scores.
    """
    figure = Figure(figsize=(1 + 4 * len(names), 4), layout="constrained")
    charts = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    for axes, name in zip(charts, names):
        values = sorted({row[name] for row in rows})
        places = [values.index(row[name]) for row in rows]
        scores = [row[metric] for row in rows]
        axes.plot(places, scores, "o", alpha=0.6, label="trial")
        axes.plot(places[0], scores[0], "*", markersize=14, label="best trial")
        axes.set_xticks(range(len(values)), [str(value) for value in values])
        axes.margins(x=0.2)
        axes.set(xlabel=name.replace("_", " "))
        axes.grid(alpha=0.3)
    charts[0].set(ylabel=metric.replace("_", " "))
    charts[0].legend()
    return figure


def save(figure: Figure, path: pathlib.Path, dpi: int = 100) -> None:
    """Writes a figure as a PNG file, whole or not at all."""
    with files.written_beside(path) as beside:
        figure.savefig(beside, dpi=dpi)


def png_path(option: str, value: str) -> pathlib.Path:
    """Returns the path that an option names.

    Raises:
      UsageError: It does not end in .png.
    """
    path = pathlib.Path(value)
    if path.suffix != ".png":
        raise UsageError(f"--{option}={value}: the name must end in .png.")
    return path
