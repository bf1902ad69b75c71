"""Baselines of voices and melodies: their pitches one by one, or repeated.

Each learns from the training pieces; the validation pieces decide how much it
is smoothed. A piece is an array (frames, voices) of MIDI pitches, 0 for
silence; a melody has one column.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.music.baselines import repeats

PITCHES = 128  # MIDI pitches; 0 is silence.
# Weights of a prior, in frames, that are tried.
WEIGHTS = tuple(10.0 ** np.arange(-1, 4))


class PitchFrequencies:
    """Independent voices, each with the frequencies of its pitches.

    Args:
      train: Pieces to learn from.
      valid: Pieces that choose the smoothing.
    """

    def __init__(
        self, train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
    ):
        # (voices, pitches)
        self.probabilities = _fit(_counts(train), _counts(valid), 1 / PITCHES)

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Returns the negative log probability of each frame, (frames,)."""
        voices = np.arange(piece.shape[1])
        return -np.log(self.probabilities[voices, piece]).sum(1)

    def most_probable(self, piece: np.ndarray) -> np.ndarray:
        """Returns the most probable frame for each one, (frames, voices)."""
        frame = self.probabilities.argmax(1).astype(np.int32)
        return np.tile(frame, [len(piece), 1])


class MarkovChains:
    """Independent voices, each a Markov chain of its pitches.

    The first frame has the frequencies of the pitches, towards which the
    probabilities are smoothed.

    Args:
      train: Pieces to learn from.
      valid: Pieces that choose the smoothing.
    """

    def __init__(
        self, train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
    ):
        self._first = PitchFrequencies(train, valid)
        # (voices, before, pitches)
        self.probabilities = _fit(
            _transitions(train),
            _transitions(valid),
            self._first.probabilities[:, None],
        )

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Returns the negative log probability of each frame, (frames,)."""
        voices = np.arange(piece.shape[1])
        following = self.probabilities[voices, piece[:-1], piece[1:]]
        nats = -np.log(following).sum(1)
        return np.concatenate([self._first.nats(piece[:1]), nats])

    def most_probable(self, piece: np.ndarray) -> np.ndarray:
        """Returns the most probable frame after each, (frames, voices)."""
        voices = np.arange(piece.shape[1])
        first = self._first.most_probable(piece[:1])
        following = self.probabilities.argmax(2)[voices, piece[:-1]]
        return np.concatenate([first, following.astype(np.int32)])


def fit(
    train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
) -> dict[str, PitchFrequencies | MarkovChains | repeats.RepeatedFrame]:
    """Returns the fitted baselines by name.

    Args:
      train: Pieces to learn from, (frames, voices) each.
      valid: Pieces that choose the smoothing.
    """
    frequencies = PitchFrequencies(train, valid)
    return {
        "pitch_frequencies": frequencies,
        "repeat_last_frame": repeats.RepeatedFrame(frequencies, valid),
        "markov_chains": MarkovChains(train, valid),
    }


def _counts(pieces):
    """Returns the counts of the pitches of each voice, (voices, pitches)."""
    notes = np.concatenate(pieces).T
    return np.stack([np.bincount(voice, minlength=PITCHES) for voice in notes])


def _transitions(pieces):
    """Returns the counts of pairs of pitches, (voices, before, after)."""
    counts = np.zeros([pieces[0].shape[1], PITCHES, PITCHES])
    voices = np.arange(len(counts))
    for piece in pieces:
        np.add.at(counts, (voices, piece[:-1], piece[1:]), 1)
    return counts


def _fit(counts, valid_counts, prior):
    """Returns counts as probabilities that are smoothed towards a prior."""

    def smoothed(weight):
        totals = counts.sum(-1, keepdims=True)
        return (counts + weight * prior) / (totals + weight)

    def nats(weight):
        probabilities = smoothed(weight)
        is_counted = valid_counts > 0
        logs = np.log(probabilities, where=is_counted, out=1.0 * is_counted)
        return -(valid_counts * logs).sum()

    return smoothed(min(WEIGHTS, key=nats))
