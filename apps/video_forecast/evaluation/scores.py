"""Scores of forecast frames."""

import numpy as np

from common.evaluation.metric import Metric
from common.evaluation.metrics import images

MSE = Metric(
    "mse",
    "Squared error summed over the pixels of a frame, values from 0 to 1, as "
    "in the literature on Moving MNIST; mean over channels, frames and clips.",
    lower_is_better=True,
    selects_epoch=True,
)
METRICS = (
    MSE,
    Metric(
        "mae",
        "Absolute error, summed and averaged as for mse.",
        lower_is_better=True,
    ),
    Metric("ssim", "Structural similarity of a frame, windows of 7 x 7."),
    Metric("psnr", "Peak signal-to-noise ratio of a frame.", unit="dB"),
)
Scores = dict[str, np.ndarray]


def of_frames(target: np.ndarray, forecast: np.ndarray) -> Scores:
    """Returns the scores of each frame, (batch, horizon) each.

    Args:
      target: (batch, horizon, height, width, 3), values from 0 to 1.
      forecast: Of the same shape.
    """
    if all((a[..., :1] == a).all() for a in (target, forecast)):
        # Gray: the mean over equal channels is that of one.
        target, forecast = target[..., :1], forecast[..., :1]
    return {
        "mse": images.squared_error(target, forecast),
        "mae": images.absolute_error(target, forecast),
        "ssim": images.ssim(target, forecast),
        "psnr": images.psnr(target, forecast),
    }


def concatenated(parts: list[Scores]) -> Scores:
    """Returns the scores of batches, joined."""
    return {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
