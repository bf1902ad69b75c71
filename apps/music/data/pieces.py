"""Base class of the data sets of pieces."""

from __future__ import annotations

import abc
import functools
from typing import TYPE_CHECKING

from apps.music.data import rolls
from common.data import dataset
from common.errors import UserError

if TYPE_CHECKING:
    import numpy as np

PADDING = -1  # Behind the end of a piece.


class PieceDataset(dataset.Dataset):
    """Pieces, as piano rolls or as four voices.

    A piano roll is an int32 array (frames, 88) of 0 and 1; column 0 is MIDI
    pitch 21. Voices are an int32 array (frames, 4) of MIDI pitches, of soprano,
    alto, tenor and bass; 0 is silent. --network=voices needs voices; other
    networks read rolls.

    An example is `({"roll": roll}, {"roll": roll, "frames_per_beat": number})`,
    or the same with "voices". Pieces are padded with -1 to the longest one of
    their split.

    Attributes:
      frames_per_beat: Frames in a quarter note.
      has_voices: Whether it can be read as voices.
    """

    frames_per_beat: int
    has_voices: bool = False

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.pieces = functools.cache(self._checked_pieces)

    @abc.abstractmethod
    def read_pieces(self, split: str) -> list[np.ndarray]:
        """Returns the pieces of a split: rolls or, if it has them, voices.

        Raises:
          UserError: They cannot be read.
        """

    def log_probabilities(self, piece: np.ndarray) -> np.ndarray | None:
        """Returns the true log probability of each frame, or None.

        Args:
          piece: Of `pieces`, (frames, 88 or 4).

        Returns:
          Nats (frames,), each given the frames before it; None if they are not
          known.
        """
        return None

    @property
    def uses_voices(self) -> bool:
        """Whether the pieces of this run are voices."""
        return self.config.network == "voices"

    def examples(self, split):
        import numpy as np
        import tensorflow as tf

        pieces = self.pieces(split)
        longest, rate = max(map(len, pieces)), self.frames_per_beat

        def generate():
            for piece in pieces:
                padding = ((0, longest - len(piece)), (0, 0))
                padded = np.pad(piece, padding, constant_values=PADDING)
                yield {name: padded}, {name: padded, "frames_per_beat": rate}

        name = "voices" if self.uses_voices else "roll"
        shape = [longest, pieces[0].shape[1]]
        spec = {name: tf.TensorSpec(shape, tf.int32)}
        number = {"frames_per_beat": tf.TensorSpec([], tf.int32)}
        examples = tf.data.Dataset.from_generator(
            generate, output_signature=(spec, {**spec, **number})
        )
        return examples.apply(
            tf.data.experimental.assert_cardinality(len(pieces))
        )

    def _checked_pieces(self, split):
        """Returns the pieces of a split in the form that the network reads.

        Raises:
          UserError: They cannot be read, or have no voices.
        """
        if self.uses_voices and not self.has_voices:
            raise UserError(
                f"--network=voices: the pieces of {self.config.dataset} have "
                "no separate voices; use --dataset=sample or jsb, or another "
                "--network."
            )
        pieces = self.read_pieces(split)
        if self.uses_voices:
            return pieces
        return [
            piece if piece.shape[1] == rolls.KEYS else rolls.of_voices(piece)
            for piece in pieces
        ]
