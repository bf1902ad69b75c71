"""Recordings -> normalized log-mel features, of a whole or of a stream."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from common.audio import decode
from common.audio import mel
from common.audio import normalization

# Training recordings whose features are the prior of others.
SURVEYED, SURVEYED_TOGETHER = 400, 16


class State(NamedTuple):
    """What the next samples of streams need.

    Attributes:
      samples: See `mel.LogMel.step`.
      statistics: See `normalization.running`.
    """

    samples: tf.Tensor
    statistics: normalization.Statistics


class Features:
    """Computes features (batch, frames, mels) with mean 0 and variance 1.

    Args:
      arguments: `Arguments`. Models that read in both directions normalize
        over the whole recording, others over the frames so far, so that a
        stream has the same bits.
    """

    def __init__(self, arguments):
        self._arguments = arguments
        self._mel = mel.LogMel(arguments.sample_rate, arguments.mels)

    def whole(self, samples, counts):
        """Returns the features of recordings, zeros after the end.

        Args:
          samples: float32 (batch, time).
          counts: int32 (batch,).

        Returns:
          The features, and the number of frames, int32 (batch,).
        """
        features, counts = self._mel.features(samples, counts)
        if self._arguments.bidirectional:
            return normalization.per_recording(features, counts), counts
        initial = self._initial_statistics(tf.shape(samples)[0])
        features, _ = normalization.running(features, initial)
        is_frame = tf.sequence_mask(counts, tf.shape(features)[1])
        return tf.where(is_frame[..., None], features, 0), counts

    def initial_state(self, batch):
        """Returns the state before the first sample of streams."""
        return State(
            self._mel.initial_state(batch), self._initial_statistics(batch)
        )

    def step(self, samples, state):
        """Returns the features of complete frames, and the next state."""
        features, rest = self._mel.step(samples, state.samples)
        features, statistics = normalization.running(features, state.statistics)
        return features, State(rest, statistics)

    def flush(self, state):
        """Returns the features of the last frames of streams."""
        features = self._mel.flush(state.samples)
        features, _ = normalization.running(features, state.statistics)
        return features

    def _initial_statistics(self, batch):
        return normalization.initial_statistics(batch, self._arguments.prior)


def prior(train, sample_rate, mels):
    """Returns mean and deviation of each feature, [[mean, deviation], ...].

    Args:
      train: Training examples; the first `SURVEYED` are read.
      sample_rate: Samples a second.
      mels: Features of each frame.
    """
    log_mel = mel.LogMel(sample_rate, mels)
    values = []
    for x, _ in train.take(SURVEYED).batch(SURVEYED_TOGETHER):
        recordings = decode.read(x["audio"], sample_rate)
        features, counts = log_mel.features(
            recordings.samples, recordings.counts
        )
        is_frame = tf.sequence_mask(counts, tf.shape(features)[1])
        values.append(tf.boolean_mask(features, is_frame).numpy())
    values = np.concatenate(values).astype(np.float64)
    return np.stack([values.mean(0), values.std(0)], 1).tolist()
