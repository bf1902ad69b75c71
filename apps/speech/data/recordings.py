"""Shared parts of the data sets of recordings and their transcripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from typing import Protocol

from common.data import dataset


class Recording(NamedTuple):
    """The content of a WAV file, its words, and who says them ("": unknown)."""

    content: bytes
    transcript: str
    speaker: str = ""


class Recordings(Protocol):
    """Recordings, read or drawn one by one."""

    def __iter__(self) -> Iterator[Recording]:
        """Yields the recordings."""

    def __len__(self) -> int:
        """Returns their number."""


class SpeechDataset(dataset.Dataset):
    """Base class of the data sets."""

    def speakers(self, split: str) -> list[str] | None:
        """Returns the speaker of each recording of a split.

        The bootstrap resamples whole speakers. None: they are unknown, or too
        few for it.
        """
        return None


def examples(recordings: Recordings):
    """Returns a data set of examples.

    An example is `({"audio": string}, {"transcript": string})`: the content of
    a WAV file, and its words, separated by spaces; "" where nobody speaks.

    Args:
      recordings: Of a split.
    """
    import tensorflow as tf

    def generate():
        for recording in recordings:
            yield (
                {"audio": recording.content},
                {"transcript": recording.transcript},
            )

    dataset = tf.data.Dataset.from_generator(
        generate,
        output_signature=(
            {"audio": tf.TensorSpec([], tf.string)},
            {"transcript": tf.TensorSpec([], tf.string)},
        ),
    )
    return dataset.apply(
        tf.data.experimental.assert_cardinality(len(recordings))
    )
