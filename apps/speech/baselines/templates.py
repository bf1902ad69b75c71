"""Templates of words, cut from training recordings."""

import collections
from typing import NamedTuple

import numpy as np

from apps.speech.baselines import cepstra

SHORTEST = 2  # Frames of a template.
PARTS = 8  # Of a word, whose frames are alike.
SILENCES = 64  # Frames of silence that are kept.
MIN_DEVIATION = 1e-3


class Templates(NamedTuple):
    """What is known of each word.

    Attributes:
      names: Words, sorted.
      words: int (templates,), ascending: the word of each template.
      frames: float32 (frames, features) of each template.
      silences: float32 (frames, features) of silence.
      deviations: float32 (features,), of frames in the same part of a word:
        distances are in these units.
    """

    names: list[str]
    words: np.ndarray
    frames: list[np.ndarray]
    silences: np.ndarray
    deviations: np.ndarray


def cut(utterances: list[cepstra.Utterance], max_frames: int) -> Templates:
    """Returns templates of the words of training recordings.

    They are cut from recordings of one word, without the silence before and
    after. Words that are never alone are cut from recordings of several words,
    in which each word is as long as its share of the letters.

    Args:
      utterances: The recordings.
      max_frames: Of all templates. There are as many of each word, evenly
        spaced among its recordings, and at least one; rare words are left out
        if there are too many.
    """
    pieces = _pieces(utterances)
    deviations = _deviations(pieces)
    chosen = _choose(pieces, max_frames)
    names = sorted(chosen)
    return Templates(
        names,
        np.repeat(np.arange(len(names)), [len(chosen[n]) for n in names]),
        [frames for name in names for frames in chosen[name]],
        _silences(utterances),
        deviations,
    )


def _pieces(utterances):
    """Returns the frames of each word, by word."""
    alone, joined = collections.defaultdict(list), collections.defaultdict(list)
    for utterance in utterances:
        words = utterance.words
        spoken = np.flatnonzero(utterance.is_speech)
        if not words or not len(spoken):
            continue
        speech = utterance.features[spoken[0] : spoken[-1] + 1]
        ends = np.cumsum([len(word) for word in words])
        bounds = np.round(ends[:-1] / ends[-1] * len(speech)).astype(int)
        pieces = alone if len(words) == 1 else joined
        for word, piece in zip(words, np.split(speech, bounds)):
            if len(piece) >= SHORTEST:
                pieces[word].append(piece)
    return {**joined, **alone}


def _deviations(pieces):
    """Returns the deviations of frames in the same part of a word."""
    squares, count = 0, 0
    for examples in pieces.values():
        parts = [np.array_split(frames, PARTS) for frames in examples]
        for same in map(np.concatenate, zip(*parts)):
            if len(same):
                squares += np.square(same - same.mean(0)).sum(0)
                count += len(same)
    deviations = np.sqrt(squares / max(1, count))
    return np.maximum(deviations, MIN_DEVIATION).astype(np.float32)


def _choose(pieces, max_frames):
    """Returns frames of each word, evenly spaced, that fit into `max_frames`.

    If there is no room for all words, these are the most frequent ones.
    """
    names = sorted(pieces, key=lambda name: (-len(pieces[name]), name))
    lengths = [np.mean([len(p) for p in pieces[name]]) for name in names]
    names = names[: max(1, np.searchsorted(np.cumsum(lengths), max_frames))]
    room = max_frames
    chosen = {}
    # Words with few recordings leave their room to the others.
    for rank, name in enumerate(reversed(names)):
        examples = pieces[name]
        length = np.mean([len(piece) for piece in examples])
        share = room / (len(names) - rank)
        count = min(len(examples), max(1, int(share / length)))
        places = np.linspace(0, len(examples) - 1, count).round().astype(int)
        chosen[name] = [examples[place] for place in places]
        room -= sum(map(len, chosen[name]))
    return chosen


def _silences(utterances):
    """Returns frames of silence, evenly spaced among them all."""
    silent = np.concatenate([u.features[~u.is_speech] for u in utterances])
    if not len(silent):  # The mean of all frames: it is far from any.
        return np.zeros([1, silent.shape[1]], np.float32)
    places = np.linspace(0, len(silent) - 1, SILENCES).round().astype(int)
    return silent[places]
