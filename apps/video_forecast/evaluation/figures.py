"""The figure of the scores of each forecast frame."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

OF_MODEL = ("model", "interval")


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
        axes.plot(
            frames, curves["model"], "o-", color="tab:blue", label="model"
        )
        baselines = [name for name in curves if name not in OF_MODEL]
        for number, name in enumerate(baselines, start=1):
            color = f"C{number}"  # C0 is that of the model.
            axes.plot(frames, curves[name], "--", color=color, label=name)
        unit = " [dB]" if metric == "psnr" else ""
        axes.set(xlabel="forecast frame", title=metric.upper() + unit)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    panels[0].legend()
    return figure
