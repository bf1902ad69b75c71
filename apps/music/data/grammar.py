"""A generative grammar of four-part music whose probabilities are known.

A frame is an eighth note. Chords follow a Markov chain on quarter notes; a
phrase ends where the dominant seventh is followed by the tonic, which is held
for a half note. Alto, tenor and bass have one of two positions of each chord;
the soprano is another note of it. They prefer small steps, and the three lower
voices avoid parallel fifths and octaves. Between two chords, the soprano may
move to the next note of the scale.

All heights are relative to the tonic: a transposed piece is as probable as the
piece itself, given its key.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from apps.music.data.chords import CHORDS

TONICS = range(58, 63)  # Of five major keys: a small network learns them.
SCALE = (0, 2, 4, 5, 7, 9, 11)
BEAT = 2  # Frames of a chord.
CADENCE = 4  # Frames of the chord at the end of a phrase.
SHORTEST, LONGEST = 32, 64  # Frames of a piece.
SOPRANO = (5, 17)  # Lowest and highest note, in semitones above the tonic.
LEADING_TONE = 11  # The soprano does not double it.
TONIC, SEVENTH = 0, 4  # Places in `CHORDS`.
HELD = 0.4  # Share of the frames between two chords in which nothing moves.
# Costs in nats.
SEMITONE = (0.2, 0.15, 0.15, 0.08)  # Of a move of each voice.
PARALLEL = 4.0  # Of a pair of parallel fifths or octaves.
# Before the first chord.
OPENING = (12, 4, -3, -10)
# Not of the soprano: a network that has not learned which of its notes would be
# parallel is 4 % above the floor for that alone.
PAIRS = tuple(itertools.combinations(range(1, 4), 2))


def draw(
    rng: np.random.Generator,
    tonics: Sequence[int] = TONICS,
    shortest: int = SHORTEST,
    longest: int = LONGEST,
) -> np.ndarray:
    """Returns a piece, int32 (frames, 4): pitches of the four voices.

    It ends with the first phrase end at or behind the shortest length, or has
    the longest one. That depends on the frames drawn so far alone, and changes
    no probability of a next frame.

    Args:
      rng: The source of randomness.
      tonics: Pitches of the possible tonics.
      shortest: Frames of the shortest possible piece.
      longest: Frames of the longest possible piece.
    """
    frames, state = [], START
    while len(frames) < longest:
        voices, shares, chords = _outcomes(state)
        choice = rng.choice(len(shares), p=shares)
        frames.append(voices[choice])
        state = _next_state(state, tuple(voices[choice]), chords[choice])
        if state.is_phrase_end and len(frames) >= shortest:
            break
    return (rng.choice(tonics) + np.array(frames)).astype(np.int32)


def log_probabilities(
    piece: np.ndarray, tonics: Sequence[int] = TONICS
) -> np.ndarray:
    """Returns the log probability of each frame given those before it.

    Exact: the key is the one thing that notes do not tell at once, and the
    forward algorithm sums over its values.

    Args:
      piece: Pitches, (frames, 4).
      tonics: Pitches of the possible tonics.

    Returns:
      Nats, (frames,); minus infinity from a frame on that the grammar does
      not have.
    """
    # Of the frames up to each one.
    totals = np.full(len(piece) + 1, -np.inf)
    totals[0] = 0
    for tonic in tonics:
        steps = _log_steps(piece - tonic)
        joint = np.cumsum(steps) - np.log(len(tonics))
        totals[1:] = np.logaddexp(totals[1:], joint)
    is_possible = np.isfinite(totals[1:])
    steps = np.full(len(piece), -np.inf)
    steps[is_possible] = np.diff(totals[: is_possible.sum() + 1])
    return steps


def _log_steps(piece):
    """Returns the log probabilities of frames relative to a tonic."""
    steps, state = np.full(len(piece), -np.inf), START
    for t, frame in enumerate(piece):
        voices, shares, chords = _outcomes(state)
        (matches,) = np.nonzero((voices == frame).all(1))
        if not len(matches):
            break
        (choice,) = matches  # A frame tells its chord.
        steps[t] = np.log(shares[choice])
        state = _next_state(state, tuple(voices[choice]), chords[choice])
    return steps


class State(NamedTuple):
    """What the next frame depends on.

    Attributes:
      voices: The last frame.
      chord: Its chord.
      age: Frames since the chord began.
      is_cadence: Whether the chord ends a phrase.
    """

    voices: tuple[int, ...]
    chord: int
    age: int
    is_cadence: bool

    @property
    def length(self) -> int:
        """Frames of the chord."""
        return CADENCE if self.is_cadence else BEAT

    @property
    def is_phrase_end(self) -> bool:
        """Whether the frame is the last one of a phrase."""
        return self.is_cadence and self.age == self.length


# A piece begins as if a phrase had ended.
START = State(OPENING, -1, BEAT, False)


def _next_state(state, voices, chord):
    if state.age < state.length:
        return state._replace(voices=voices, age=state.age + 1)
    is_cadence = state.chord == SEVENTH and chord == TONIC
    return State(voices, chord, 1, is_cadence)


@functools.lru_cache(2**14)
def _outcomes(state):
    """Returns the possible next frames.

    Returns:
      Voices (outcomes, 4) relative to the tonic, their probabilities, and their
      chords.
    """
    if state.age < state.length:
        voices, shares = _passing(state)
        return voices, shares, [state.chord] * len(shares)
    if state.chord < 0:
        following = [chord == TONIC for chord in range(len(CHORDS))]
    else:
        following = CHORDS[state.chord].following
    parts = [
        (*_voicings(state, chord), share, chord)
        for chord, share in enumerate(following)
        if share
    ]
    return (
        np.concatenate([voices for voices, _, _, _ in parts]),
        np.concatenate([share * shares for _, shares, share, _ in parts]),
        [chord for voices, _, _, chord in parts for _ in voices],
    )


def _voicings(state, chord):
    """Returns the voices of a chord, (candidates, 4), and their shares."""
    is_cadence = state.chord == SEVENTH and chord == TONIC
    candidates = _candidates(chord, is_cadence)
    moves = candidates - np.array(state.voices)
    costs = np.abs(moves) @ SEMITONE
    for high, low in PAIRS:
        interval = (state.voices[high] - state.voices[low]) % 12
        if interval in (0, 7):
            same = (candidates[:, high] - candidates[:, low]) % 12 == interval
            direction = np.sign(moves[:, high])
            is_parallel = direction * np.sign(moves[:, low]) > 0
            costs += PARALLEL * (same & is_parallel)
    weights = np.exp(-costs)
    return candidates, weights / weights.sum()


@functools.cache
def _candidates(chord, is_cadence):
    """Returns the voices of a chord, (candidates, 4)."""
    notes, positions, _ = CHORDS[chord]
    lowest, highest = SOPRANO
    return np.array(
        [
            (soprano, *position)
            for position in positions[: 1 if is_cadence else None]
            for soprano in range(max(lowest, position[0] + 1), highest + 1)
            if soprano % 12 in notes and soprano % 12 != LEADING_TONE
        ]
    )


def _passing(state):
    """Returns the frames between two chords, (candidates, 4), and shares."""
    voices = np.array(state.voices)
    if state.is_cadence:
        return voices[None], np.ones(1)
    lowest, highest = SOPRANO
    lowest = max(lowest, voices[1] + 1)
    below = [p for p in range(lowest, voices[0]) if p % 12 in SCALE][-1:]
    above = [p for p in range(voices[0] + 1, highest + 1) if p % 12 in SCALE][
        :1
    ]
    sopranos = [voices[0], *below, *above]
    moved = np.tile(voices, [len(sopranos), 1])
    moved[:, 0] = sopranos
    count = len(sopranos) - 1
    return moved, np.array([HELD] + [(1 - HELD) / count] * count)
