"""What the data sets of labeled clips have in common."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Protocol

NO_LABEL = "none"  # Of frames that no row of a table labels.


class Clips(Protocol):
    """Pairs of a clip, as the bytes of a file, and the labels of its frames."""

    def __iter__(self) -> Iterator[tuple[bytes, Sequence[str]]]:
        """Yields the pairs."""

    def __len__(self) -> int:
        """Returns their number."""


def examples(clips: Clips, frames: int):
    """Returns a data set of examples.

    An example is `({"video": string}, {"labels": string (frames,)})`. All
    examples of a split have the same number of labels: those of shorter clips
    end with empty strings. A frame with an empty label is not scored.

    Args:
      clips: Read when needed.
      frames: Of the longest clip.
    """
    import tensorflow as tf

    def generate():
        for content, labels in clips:
            padding = [""] * (frames - len(labels))
            yield {"video": content}, {"labels": [*labels, *padding]}

    examples = tf.data.Dataset.from_generator(
        generate,
        output_signature=(
            {"video": tf.TensorSpec([], tf.string)},
            {"labels": tf.TensorSpec([frames], tf.string)},
        ),
    )
    return examples.apply(tf.data.experimental.assert_cardinality(len(clips)))
