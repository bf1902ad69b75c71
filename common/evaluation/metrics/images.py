"""Errors and structural similarity of frames or pictures."""

import numpy as np

WINDOW = 7  # Side in pixels.
# Constants of SSIM for values from 0 to 1.
C1, C2 = 0.01**2, 0.03**2
MAX_PSNR = 100.0  # dB, of frames that are equal.


def squared_error(target: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Returns the squared error, summed over the pixels of a frame.

    Literature on Moving MNIST calls its mean over the frames MSE. Of colors,
    the mean over the channels is taken.

    Args:
      target: (..., height, width, channels), values from 0 to 1.
      forecast: Of the same shape.

    Returns:
      (...).
    """
    return np.square(target - forecast).mean(-1).sum((-2, -1))


def absolute_error(target: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Returns the absolute error, summed as in `squared_error`."""
    return np.abs(target - forecast).mean(-1).sum((-2, -1))


def psnr(target: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Returns the peak signal-to-noise ratio in dB; at most 100.

    Arguments and shapes: see `squared_error`.
    """
    error = np.square(target - forecast).mean((-3, -2, -1))
    return -10 * np.log10(np.maximum(error, 10 ** (-MAX_PSNR / 10)))


def ssim(target: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Returns the mean structural similarity of frames; 1 if they are equal.

    Means and sample covariances are taken over windows of 7 x 7 pixels, as in
    scikit-image with its defaults, over all windows that lie in the frame, and
    over the channels.

    Args:
      target: (..., height, width, channels), values from 0 to 1; sides of at
        least 7 pixels, else the window is as large as the shorter side.
      forecast: Of the same shape.

    Returns:
      (...).

    Reference: Wang et al., Image Quality Assessment: From Error Visibility to
    Structural Similarity, 2004.
    """
    x, y = (
        np.moveaxis(np.asarray(a, np.float64), -1, 0)
        for a in (target, forecast)
    )
    side = min(WINDOW, *x.shape[-2:])
    rows, columns = (_band(length, side) for length in x.shape[-2:])

    def means(values):
        return rows @ values @ columns.T

    mean_x, mean_y = means(x), means(y)
    unbiased = side**2 / max(1, side**2 - 1)
    var_x = unbiased * (means(x * x) - mean_x**2)
    var_y = unbiased * (means(y * y) - mean_y**2)
    cov = unbiased * (means(x * y) - mean_x * mean_y)
    luminance = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    structure = (2 * cov + C2) / (var_x + var_y + C2)
    return (luminance * structure).mean((0, -2, -1))


def _band(length, side):
    """Returns the matrix (windows, length) that takes means over windows."""
    offsets = np.arange(length) - np.arange(length - side + 1)[:, None]
    return ((offsets >= 0) & (offsets < side)) / side
