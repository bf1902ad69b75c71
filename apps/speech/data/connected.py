"""Connected words: recordings of single words, one after the other."""

import numpy as np

from apps.speech.data import sounds

GAPS = (0.0, 0.2)  # Seconds between words.
OVERLAPPING = 0.15  # Share of the words that begin before the last one ends.
OVERLAP = 0.06  # Longest one, in seconds.
OVERLAP_SHARE = 0.25  # Longest one, as a share of the shorter word.
NOISY = 0.5  # Share of the recordings with noise.
NOISE = (10.0, 40.0)  # Decibels of speech above it.
EDGE_SHARE = 0.5  # Share of the beginnings and of the ends with an edge.
EDGES = (0.1, 0.4)  # Seconds.
FLOOR = (-80.0, -55.0)  # Decibels of noise in a gap; full scale is 0.


def connect(
    words: list[np.ndarray], rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns words one after the other, int16 (time,).

    The loudness of the words is kept. Each word follows after a gap or, with a
    probability of 15 %, overlaps with the one before. In half of the recordings
    there is noise; in the others, gaps are silent or almost silent. Half of
    the beginnings, and half of the ends, have an edge without a word.

    Args:
      words: int16 (time,), at least one.
      rate: Samples a second.
      rng: Draws gaps and noise.
    """
    starts = [_edge(rate, rng)]
    for word, following in zip(words, words[1:]):
        gap = _gap(min(len(word), len(following)), rate, rng)
        starts.append(max(0, starts[-1] + len(word) + gap))
    ends = [start + len(word) for start, word in zip(starts, words)]
    samples = np.zeros(max(ends) + _edge(rate, rng), np.float32)
    for start, end, word in zip(starts, ends, words):
        samples[start:end] += word / 2**15
    background = sounds.noise(len(samples), rate, rng)
    if rng.uniform() < NOISY:
        speech = np.concatenate(words) / 2**15
        level = np.sqrt(np.mean(np.square(speech)))
        level *= sounds.decibels(-rng.uniform(*NOISE))
    else:
        level = rng.choice([0, sounds.decibels(rng.uniform(*FLOOR))])
    return sounds.pcm(samples + level * background)


def _edge(rate, rng):
    if rng.uniform() < EDGE_SHARE:
        return int(rng.uniform(*EDGES) * rate)
    return 0


def _gap(shorter, rate, rng):
    """Returns samples between two words, negative if they overlap."""
    if rng.uniform() < OVERLAPPING:
        longest = min(OVERLAP * rate, OVERLAP_SHARE * shorter)
        return -int(rng.uniform() * longest)
    return int(rng.uniform(*GAPS) * rate)
