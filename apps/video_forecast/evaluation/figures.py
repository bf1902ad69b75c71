"""The figure of the scores of each forecast frame."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator


def by_frame(scores: dict[str, dict[str, list]]) -> Figure:
    """Draws each score over the frames of the horizon.

    Args:
      scores: By metric: the means of "model" and of each baseline, (horizon,),
        and the "interval" of the model, (horizon, 2).
    """
    figure = Figure(figsize=(11, 7), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    for axes, (metric, curves) in zip(panels, scores.items()):
        frames = np.arange(1, 1 + len(curves["model"]))
        low, high = np.transpose(curves["interval"])
        axes.fill_between(frames, low, high, alpha=0.3, lw=0, color="tab:blue")
        for name, values in curves.items():
            if name == "model":
                axes.plot(frames, values, "o-", color="tab:blue", label=name)
            elif name != "interval":
                axes.plot(frames, values, "--", label=name)
        unit = " [dB]" if metric == "psnr" else ""
        axes.set(xlabel="forecast frame", title=metric.upper() + unit)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    panels[0].legend()
    return figure
