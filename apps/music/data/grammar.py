"""A generative grammar of four-part music whose probabilities are known.

A piece is in one of 24 keys. It consists of periods of two phrases, a phrase of
16 frames (eighth notes, two bars of 2/2): chords follow a Markov chain on six
quarter notes; then a half note ends the phrase, in the second phrase of a
period on the tonic after the dominant. The voices move to the notes of a chord
by small steps, in the order of their heights and within their ranges, mostly
without parallel fifths and octaves. Between two chords, one voice may move to
the next note of the scale.

All heights are relative to the tonic: a transposed piece is as probable as the
piece itself, given its key.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

PHRASE = 16  # Frames.
PERIOD = 2 * PHRASE
BEAT = 2  # Frames between two chords.
PENULTIMATE, CADENCE = 10, 12  # Frames of a phrase.
TONICS = range(55, 67)
# Semitones from the tonic, of soprano, alto, tenor and bass.
RANGES = ((5, 16), (-1, 10), (-7, 4), (-17, -3))
SPACING = (12, 12, 19)  # Largest distances of neighboring voices.
CHORDS = ("I", "ii", "IV", "V", "V7", "vi")
TRANSITIONS = np.array(
    [
        [0.15, 0.15, 0.30, 0.20, 0.05, 0.15],
        [0.00, 0.10, 0.05, 0.50, 0.35, 0.00],
        [0.25, 0.15, 0.10, 0.30, 0.20, 0.00],
        [0.55, 0.00, 0.05, 0.10, 0.15, 0.15],
        [0.80, 0.00, 0.00, 0.00, 0.00, 0.20],
        [0.05, 0.35, 0.35, 0.20, 0.05, 0.00],
    ]
)
NO_DOMINANT = np.array([1, 1, 1, 0, 0, 1])
HALF_CLOSE = np.array([0.15, 0.30, 0.35, 0.0, 0.20, 0.0])
FULL_CLOSE = np.array([0.0, 0.0, 0.0, 0.4, 0.6, 0.0])
HELD = 0.5  # Share of the frames between two chords without a move.
MOVING = (0.4, 0.2, 0.2, 0.2)  # Weight of each voice to be the one that moves.
# Costs in nats.
SEMITONE = (0.45, 0.6, 0.6, 0.2)  # Of a move of each voice.
STILL = (0.9, 0.0, 0.0, 0.0)  # Of no move.
INVERSION = 1.0  # Of a third in the bass.
DOUBLED_THIRD = 1.5
PARALLEL = 4.0  # Of a pair of parallel fifths or octaves.
OPENING = 0.3  # Factor on the moves to the first chord from the mean heights.


@dataclasses.dataclass(frozen=True)
class Mode:
    """Major or minor: its share, its scale and its chords in semitones."""

    share: float
    scale: tuple[int, ...]
    chords: tuple[tuple[int, ...], ...]


MODES = (
    Mode(
        2 / 3,
        (0, 2, 4, 5, 7, 9, 11),
        ((0, 4, 7), (2, 5, 9), (5, 9, 0), (7, 11, 2), (7, 11, 2, 5), (9, 0, 4)),
    ),
    Mode(
        1 / 3,
        (0, 2, 3, 5, 7, 8, 11),
        ((0, 3, 7), (2, 5, 8), (5, 8, 0), (7, 11, 2), (7, 11, 2, 5), (8, 0, 3)),
    ),
)
PAIRS = tuple(itertools.combinations(range(4), 2))


def draw(
    frames: int, rng: np.random.Generator, tonics: range = TONICS
) -> np.ndarray:
    """Returns a piece, int32 (frames, 4): pitches of the four voices.

    Args:
      frames: Its length.
      rng: The source of randomness.
      tonics: Pitches of the possible tonics.
    """
    mode = MODES[rng.choice(len(MODES), p=[mode.share for mode in MODES])]
    tonic = rng.choice(tonics)
    piece, chord, voices = np.zeros([frames, 4], np.int32), 0, None
    for t in range(frames):
        if t % BEAT == 0 and t % PHRASE <= CADENCE:
            chord = rng.choice(len(CHORDS), p=next_chord(t, chord))
            candidates, shares = _voicings(
                mode, chord, t % PHRASE == CADENCE, voices
            )
            voices = tuple(candidates[rng.choice(len(shares), p=shares)])
        elif t % PHRASE < CADENCE:
            candidates, shares = _moves(mode, voices)
            voices = tuple(candidates[rng.choice(len(shares), p=shares)])
        piece[t] = tonic + np.array(voices)
    return piece


def log_probabilities(piece: np.ndarray, tonics: range = TONICS) -> np.ndarray:
    """Returns the log probability of each frame given those before it.

    Exact: the key is the one thing that notes do not tell at once, and the
    forward algorithm sums over its 24 values.

    Args:
      piece: Pitches, (frames, 4).
      tonics: Pitches of the possible tonics.

    Returns:
      Nats, (frames,); minus infinity from a frame on that the grammar does
      not have.
    """
    totals = np.full(len(piece) + 1, -np.inf)
    totals[0] = 0
    for mode, tonic in itertools.product(MODES, tonics):
        steps = _log_steps(mode, piece - tonic)
        joint = np.cumsum(steps) + np.log(mode.share / len(tonics))
        totals[1:] = np.logaddexp(totals[1:], joint)
    with np.errstate(invalid="ignore"):
        differences = np.diff(totals)
    return np.where(np.isneginf(totals[1:]), -np.inf, differences)


def _log_steps(mode, piece):
    """Returns the log probabilities of frames in a key, (frames,)."""
    steps = np.full(len(piece), -np.inf)
    chords = {frozenset(notes): c for c, notes in enumerate(mode.chords)}
    chord, voices = 0, None
    for t, frame in enumerate(map(tuple, piece.tolist())):
        probability = 1.0
        if t % BEAT == 0 and t % PHRASE <= CADENCE:
            following = chords.get(frozenset(note % 12 for note in frame))
            if following is None:
                break
            probability = next_chord(t, chord)[following]
            chord = following
            if probability:
                probability *= _share(
                    frame,
                    *_voicings(mode, chord, t % PHRASE == CADENCE, voices),
                )
        elif t % PHRASE < CADENCE:
            probability = _share(frame, *_moves(mode, voices))
        elif frame != voices:
            break
        if not probability:
            break
        steps[t], voices = np.log(probability), frame
    return steps


def _share(frame, candidates, shares):
    return float(shares[(candidates == frame).all(1)].sum())


def next_chord(t: int, chord: int) -> np.ndarray:
    """Returns the probabilities of the chords at frame `t`, (chords,).

    Args:
      t: Frame on which a chord begins.
      chord: The one before.
    """
    place, is_second = t % PHRASE, t % PERIOD >= PHRASE
    if t == 0:
        weights = np.eye(len(CHORDS))[0]
    elif place == CADENCE:
        is_dominant = CHORDS[chord] in ("V", "V7")
        weights = np.eye(len(CHORDS))[0 if is_dominant else 3]
    elif place == PENULTIMATE:
        weights = FULL_CLOSE if is_second else HALF_CLOSE
    elif place == PENULTIMATE - BEAT:
        weights = TRANSITIONS[chord] * NO_DOMINANT
    else:
        weights = TRANSITIONS[chord]
    return weights / weights.sum()


@functools.lru_cache(2**16)
def _voicings(mode, chord, is_cadence, previous):
    """Returns the voices of a chord, (candidates, 4), and their shares."""
    candidates, costs = _complete(mode, chord, is_cadence)
    if previous is None:
        centers = np.array([np.mean(limits) for limits in RANGES])
        costs = costs + OPENING * np.abs(candidates - centers) @ SEMITONE
    else:
        moves = candidates - np.array(previous)
        costs = costs + np.abs(moves) @ SEMITONE + (moves == 0) @ STILL
        costs += PARALLEL * _parallels(previous, candidates, np.sign(moves))
    weights = np.exp(-costs)
    return candidates, weights / weights.sum()


@functools.cache
def _complete(mode, chord, is_cadence):
    """Returns the voices that have all notes of a chord, and their costs."""
    root, third = mode.chords[chord][:2]
    notes = set(mode.chords[chord])
    pitches = [
        [p for p in range(low, high + 1) if p % 12 in notes]
        for low, high in RANGES
    ]
    candidates = [
        voices
        for voices in itertools.product(*pitches)
        if {p % 12 for p in voices} == notes
        and voices[3] % 12 in ((root,) if is_cadence else (root, third))
        and all(
            0 < high - low <= most
            for high, low, most in zip(voices, voices[1:], SPACING)
        )
    ]
    thirds = np.array([[p % 12 == third for p in v] for v in candidates])
    doubled = DOUBLED_THIRD * (thirds.sum(1) - 1)
    return np.array(candidates), INVERSION * thirds[:, 3] + doubled


def _parallels(previous, candidates, directions):
    """Returns the number of parallel fifths and octaves, (candidates,)."""
    count = np.zeros(len(candidates))
    for high, low in PAIRS:
        interval = (previous[high] - previous[low]) % 12
        if interval in (0, 7):
            same = (candidates[:, high] - candidates[:, low]) % 12 == interval
            sign = directions[:, high]
            count += same & (sign != 0) & (sign == directions[:, low])
    return count


@functools.lru_cache(2**16)
def _moves(mode, voices):
    """Returns the frames between two chords, (candidates, 4), and shares."""
    candidates, weights = [voices], [0.0]
    for voice, (low, high) in enumerate(RANGES):
        above = voices[voice - 1] if voice else high + 1
        below = voices[voice + 1] if voice < 3 else low - 1
        for move in (-2, -1, 1, 2):
            pitch = voices[voice] + move
            is_next = pitch % 12 in mode.scale and (
                abs(move) == 1
                or (voices[voice] + move // 2) % 12 not in mode.scale
            )
            if is_next and below < pitch < above and low <= pitch <= high:
                moved = (*voices[:voice], pitch, *voices[voice + 1 :])
                candidates.append(moved)
                weights.append(MOVING[voice])
    total = sum(weights)
    shares = np.array(weights) * (1 - HELD) / total if total else np.ones(1)
    shares[0] += 1 - shares.sum()
    return np.array(candidates), shares
