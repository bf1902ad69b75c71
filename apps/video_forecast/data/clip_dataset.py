"""Base class of the data sets of clips."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.data import dataset

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf


class ClipDataset(dataset.Dataset):
    """Clips, each divided into the frames before a forecast and after it.

    An example is `({"video": string}, {"video": string})`: the context, and
    the frames that follow it, each as the bytes of an .npy file.
    """

    def clip_numbers(self, split: str) -> list[int] | None:
        """Returns the number of the clip of each example of a split.

        None: all examples are of different clips.
        """
        return None

    def of_clips(
        self,
        clip: Callable[[np.random.Generator, int], np.ndarray],
        count: int,
        seed: int,
    ) -> tf.data.Dataset:
        """Returns examples of clips that are made when they are needed.

        Args:
          clip: Returns a clip, uint8 (frames, height, width[, 3]), from a
            source of randomness and the number of frames.
          count: Number of clips.
          seed: Of the split. It and the number of a clip decide what it shows.
        """
        import numpy as np

        frames = self.config.context + self.config.horizon
        return self.of_windows(
            lambda number: clip(np.random.default_rng([seed, number]), frames),
            count,
        )

    def of_windows(
        self, window: Callable[[int], np.ndarray], count: int
    ) -> tf.data.Dataset:
        """Returns an example for each window.

        Args:
          window: Returns the frames of a window by its number, uint8 (context
            + horizon, height, width[, 3]).
          count: Number of windows.
        """
        import tensorflow as tf

        from common.video import packing

        context = self.config.context

        def generate():
            for number in range(count):
                frames = window(number)
                yield (
                    {"video": packing.npy_file(frames[:context])},
                    {"video": packing.npy_file(frames[context:])},
                )

        video = {"video": tf.TensorSpec([], tf.string)}
        examples = tf.data.Dataset.from_generator(
            generate, output_signature=(video, video)
        )
        return examples.apply(tf.data.experimental.assert_cardinality(count))
