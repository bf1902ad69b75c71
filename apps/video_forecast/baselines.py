"""Forecasts without a network: what a skeptic would use."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class FadingFrame:
    """The last frame, fading into the mean frame of the training clips.

    Its weights minimize the squared error on the training clips, for each
    frame of the horizon.

    Attributes:
      mean: float (height, width, 3), values from 0 to 1.
      weights: float (horizon,), of the last frame.
    """

    mean: np.ndarray
    weights: np.ndarray

    @classmethod
    def fit(cls, clips) -> "FadingFrame":
        """Returns the baseline fitted to clips, in one pass over them.

        Args:
          clips: Iterable of pairs of contexts (batch, time, height, width, 3)
            and the frames after them, values from 0 to 1.
        """
        count, last_sum, future_sum, products, squares = 0, 0.0, 0.0, 0.0, 0.0
        for context, future in clips:
            last, future = context[:, -1].astype(float), future.astype(float)
            count += len(last)
            last_sum += last.sum(0)
            future_sum += future.sum(0)
            products += np.einsum("nhwc,nthwc->t", last, future)
            squares += np.square(last).sum()
        mean = future_sum.mean(0) / count
        # The sums of (last - mean) * (future - mean) and (last - mean)**2.
        shift = (mean * (count * mean - last_sum)).sum()
        products += shift - (mean * future_sum).sum((1, 2, 3))
        squares += shift - (mean * last_sum).sum()
        return cls(mean, products / max(squares, 1e-12))

    def forecast(self, context: np.ndarray) -> np.ndarray:
        """Returns (batch, horizon, height, width, 3)."""
        weights = self.weights[:, None, None, None]
        return self.mean + weights * (context[:, -1:] - self.mean)


def last_frame(context: np.ndarray) -> np.ndarray:
    """Returns the last frame of each clip, (batch, 1, height, width, 3)."""
    return context[:, -1:]


def mean_frame(context: np.ndarray) -> np.ndarray:
    """Returns the mean frame of each context, as `last_frame`."""
    return context.mean(1, keepdims=True)


def black_frame(context: np.ndarray) -> np.ndarray:
    """Returns a black frame for each clip, as `last_frame`."""
    return np.zeros_like(context[:, -1:])
