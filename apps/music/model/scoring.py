"""Likelihoods of pieces, and the most probable frames."""

import tensorflow as tf

from apps.music.model import frames as frames_lib


class Scorer:
    """Scores pieces.

    Args:
      reader: A `PieceReader`.
    """

    def __init__(self, reader):
        self._reader = reader
        self._network, self._head = reader.network, reader.head
        self._arguments = reader.arguments

    def score(self, piece):
        """Returns the surprise of each frame of a piece.

        Returns:
          "nats" (batch, frames), the negative log-likelihood of each frame
          given those before it, zeros are behind the end; and
          "nats_per_frame" (batch,), their mean from the second frame on.
        """
        nats, counts, _ = self._scored(piece)
        later = tf.cast(tf.maximum(counts - 1, 1), tf.float32)
        mean = tf.reduce_sum(nats[:, 1:], 1) / later
        return {"nats": nats, "nats_per_frame": mean}

    def predictions(self, piece):
        """Returns "nats" as `score`, and the most probable frames as rolls.

        "roll" (batch, frames, 88) holds, for each frame, the most probable
        notes, chosen one after the other, given the true frames before it.
        """
        nats, counts, vectors = self._scored(piece)
        flat = tf.reshape(vectors, [-1, self._arguments.units])
        chosen = self._head.draw(
            flat, tf.zeros([tf.shape(flat)[0], self._head.width]), 0.0, 1.0
        )
        shape = tf.concat([tf.shape(vectors)[:2], [self._head.width]], 0)
        chosen = tf.reshape(chosen, shape)
        if self._head.width != frames_lib.KEYS:
            chosen = frames_lib.roll(chosen)
        return {"nats": nats, "roll": frames_lib.padded(chosen, counts)}

    def _scored(self, piece):
        """Returns nats (batch, frames), numbers of frames, and vectors."""
        frames, counts = self._reader.read_input(piece)
        vectors, _, _ = self._reader.start(frames, counts)
        # Piece by piece: a joint distribution needs much memory.
        nats = tf.map_fn(
            lambda piece: tf.reduce_sum(self._head.nats(*piece), -1),
            (vectors, frames),
            fn_output_signature=tf.TensorSpec([None], tf.float32),
        )
        return frames_lib.padded(nats, counts), counts, vectors
