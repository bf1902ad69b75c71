"""Cepstra of recordings and their changes, normalized per recording.

References: Davis & Mermelstein, Comparison of Parametric Representations for
Monosyllabic Word Recognition, 1980; Furui, Speaker-Independent Isolated Word
Recognition Using Dynamic Features of Speech Spectrum, 1986 (changes); Viikki &
Laurila, Cepstral Domain Segmental Feature Vector Normalization, 1998.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from common.audio import decode
from common.audio import mel
from common.evaluation.metrics import error_rates

MELS = 24
CEPSTRA = 9  # Besides the energy. Further ones tell voices, not words.
FEATURES = 2 * (1 + CEPSTRA)
REACH = 4  # Frames before and after one, from which its change is computed.
STEP = 2  # Frames of 10 ms: the features are those of every 20 ms.
RANGE = 3.0  # Bels below the loudest frames at which speech ends.
SHARE = 0.3  # Of the range of energies, above noise, where speech begins.
MIN_DEVIATION = 0.1  # Of a recording of almost the same frames.
READ_TOGETHER = 32
MAX_FRAMES = 1_000_000  # Five hours and a half; as features, 80 MB.


class Utterance(NamedTuple):
    """A recording and its words.

    Attributes:
      features: float32 (frames, features), of every 20 ms.
      is_speech: bool (frames,): not silence, by the energy.
      words: Its transcript.
    """

    features: np.ndarray
    is_speech: np.ndarray
    words: list[str]


def read(
    examples: tf.data.Dataset, rate: int, max_frames: float = np.inf
) -> list[Utterance]:
    """Returns the cepstra of raw examples.

    Args:
      examples: Pairs of an `audio` and its `transcript`.
      rate: Samples a second to which recordings are converted.
      max_frames: With this many frames, further examples are not read.
    """
    log_mel = mel.LogMel(rate, MELS)
    utterances, frames = [], 0
    for x, y in examples.batch(READ_TOGETHER).prefetch(1):
        recordings = decode.read(x["audio"], rate)
        values, counts = log_mel.features(recordings.samples, recordings.counts)
        rows = zip(values.numpy(), counts.numpy(), y["transcript"].numpy())
        for row, count, transcript in rows:
            words = error_rates.words(transcript)
            utterances.append(Utterance(*_features(row[:count]), words))
            frames += len(utterances[-1].features)
        if frames >= max_frames:
            break
    return utterances


def _features(log_mel):  # (frames, mels)
    """Returns features, and whether each frame is speech."""
    if not len(log_mel):
        return np.zeros([0, FEATURES], np.float32), np.zeros(0, bool)
    energy = np.log(np.exp(log_mel).sum(1))
    noise, loudest = np.quantile(energy, [0.05, 0.98])
    lowest = max(
        loudest - RANGE * np.log(10), noise + SHARE * (loudest - noise)
    )
    static = np.column_stack([energy, log_mel @ _cosines(log_mel.shape[1])])
    static -= static.mean(0)
    static /= np.maximum(static.std(0), MIN_DEVIATION)
    features = np.concatenate([static, _changes(static)], 1)
    is_speech = energy >= lowest
    return features[::STEP].astype(np.float32), is_speech[::STEP]


def _cosines(mels):
    """Returns the discrete cosine transform, (mels, CEPSTRA)."""
    places = (np.arange(mels) + 0.5) / mels
    numbers = np.arange(1, CEPSTRA + 1)
    return np.sqrt(2 / mels) * np.cos(np.pi * numbers * places[:, None])


def _changes(values):
    """Returns the slopes of regression lines, (frames, features)."""
    padded = np.pad(values, ((REACH, REACH), (0, 0)), "edge")
    offsets = np.arange(-REACH, REACH + 1)
    slopes = sum(
        offset * padded[REACH + offset : REACH + offset + len(values)]
        for offset in offsets
    )
    return slopes / np.square(offsets).sum()
