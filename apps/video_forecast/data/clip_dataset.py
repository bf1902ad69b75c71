"""What the data sets of clips have in common."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from common.data import dataset

if TYPE_CHECKING:
    import tensorflow as tf


class ClipDataset(dataset.Dataset):
    """Clips, each divided into the frames before a forecast and after it.

    An example is `({"video": string}, {"video": string})`: the context, and
    the frames that follow it, each as the bytes of an .npy file.
    """

    def of_clips(
        self, clip: Callable[[int], np.ndarray], count: int
    ) -> tf.data.Dataset:
        """Returns examples of clips that are made when they are needed.

        Args:
          clip: Returns a clip by its number, uint8 (context + horizon, height,
            width) or (context + horizon, height, width, 3).
          count: Number of clips.
        """
        import tensorflow as tf

        context = self.config.context

        def generate():
            for number in range(count):
                frames = clip(number)
                yield (
                    {"video": _npy(frames[:context])},
                    {"video": _npy(frames[context:])},
                )

        video = {"video": tf.TensorSpec([], tf.string)}
        examples = tf.data.Dataset.from_generator(
            generate, output_signature=(video, video)
        )
        return examples.apply(tf.data.experimental.assert_cardinality(count))


def _npy(frames):
    """Returns the bytes of a NumPy file."""
    file = io.BytesIO()
    np.save(file, frames)
    return file.getvalue()
