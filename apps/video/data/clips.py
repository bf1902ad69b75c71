"""Shared parts of the data sets of labeled clips."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple
from typing import Protocol

from common.data import dataset

NO_LABEL = "none"  # Of frames that no row of a table labels.
Clip = tuple[bytes, Sequence[str]]  # A file, and the labels of its frames.


class LabeledClips(dataset.Dataset):
    """Base class of the data sets."""

    def clip_groups(self, split: str) -> list[str] | None:
        """Returns the group of each clip of a split.

        Clips of a group are alike, such as those of one scene. None: all clips
        are independent.
        """
        return None


class Clips(Protocol):
    """Clips with the labels of their frames.

    Attributes:
      longest: Frames of the longest clip.
    """

    longest: int

    def __iter__(self) -> Iterator[Clip]:
        """Yields the clips."""

    def __len__(self) -> int:
        """Returns their number."""


class Listed(NamedTuple):
    """A clip, and the labels of its frames."""

    path: pathlib.Path
    labels: list[str]


class Files:
    """Clips that are read when they are needed.

    Args:
      listed: Their paths and labels.
      side: See `common.video.files.read`.
    """

    def __init__(self, listed: Sequence[Listed], side: int):
        self._listed, self._side = listed, side
        self.longest = max((len(labels) for _, labels in listed), default=0)

    def __iter__(self) -> Iterator[Clip]:
        """Yields the clips."""
        from common.video import files

        for path, labels in self._listed:
            yield files.read(path, self._side).content, labels

    def __len__(self) -> int:
        """Returns their number."""
        return len(self._listed)


def examples(clips: Clips):
    """Returns a data set of examples.

    An example is `({"video": string}, {"labels": string (frames,)})`. All
    examples of a split have the same number of labels: those of shorter clips
    end with empty strings. A frame with an empty label is not scored.

    Args:
      clips: Of a split.
    """
    import tensorflow as tf

    def generate():
        for content, labels in clips:
            padding = [""] * (clips.longest - len(labels))
            yield {"video": content}, {"labels": [*labels, *padding]}

    dataset = tf.data.Dataset.from_generator(
        generate,
        output_signature=(
            {"video": tf.TensorSpec([], tf.string)},
            {"labels": tf.TensorSpec([clips.longest], tf.string)},
        ),
    )
    return dataset.apply(tf.data.experimental.assert_cardinality(len(clips)))


def read(path: pathlib.Path, side: int) -> tuple[bytes, list[float]]:
    """Returns the content of a clip, and the end of each frame in seconds.

    Args:
      path: A file, or a folder of pictures.
      side: See `common.video.files.read`.

    Raises:
      ValueError: It cannot be read.
    """
    from common.video import decode
    from common.video import files

    file = files.read_record(path, side)
    seconds = file.durations
    if seconds is None:
        _, seconds = decode.read_one(file.content, side)
    return file.content, list(itertools.accumulate(seconds))
