"""CIDEr-D in the graph: the reward of self-critical training.

Reference: Rennie et al., Self-critical Sequence Training for Image Captioning,
2017.
"""

import functools
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from common.errors import UserError

# An n-gram is one number, its ids are the digits: different ones are different
# numbers, as no id is 0. Four digits fit into int64.
BASE = 55_000


class Frequencies(NamedTuple):
    """What an n-gram weighs, by the number of images that have it.

    Attributes:
      ngrams: int64 (n-grams + 1,), ascending; 0, for padding, comes first.
      weights: float32 (n-grams + 1,); log(images / images that have it), and
        0 for padding.
      unseen: float32 (); the weight of all other n-grams.
    """

    ngrams: np.ndarray | tf.Tensor
    weights: np.ndarray | tf.Tensor
    unseen: np.ndarray | tf.Tensor


def document_frequencies(captions: list[list[list[int]]]) -> Frequencies:
    """Returns the weights of the n-grams of captions, for n of 1 to 4.

    Args:
      captions: the ids of the tokens of each caption of each image, from 1.

    Raises:
      UserError: there are too many words.
    """
    counts = captions.document_frequencies(captions)
    words = max(map(max, counts))
    if words >= BASE:
        raise UserError(
            f"CIDEr-D cannot tell {words:,} words apart: set --vocabulary_size "
            f"below {BASE:,}."
        )
    ngrams = [functools.reduce(lambda a, b: a * BASE + b, n) for n in counts]
    weights = np.log(len(captions) / np.array(list(counts.values())))
    order = np.argsort(ngrams)
    return Frequencies(
        np.append(0, np.array(ngrams)[order]),
        np.append(0, weights[order]).astype("float32"),
        np.float32(np.log(len(captions))),
    )


def cider_d(
    candidates: tf.Tensor, references: tf.Tensor, frequencies: Frequencies
) -> tf.Tensor:
    """Returns the CIDEr-D of each candidate, float32 (images,), 0 to 10.

    It equals `captions.cider_d` of `common`. What is a token is up to the caller: in
    self-critical training the mark of the end is one.

    Args:
      candidates: int32 (images, steps); ids of tokens, then zeros.
      references: int32 (images, captions, steps); the same; an image that has
        fewer captions has rows of zeros.
      frequencies: what `document_frequencies` returns.

    Reference: Vedantam, Zitnick & Parikh, CIDEr: Consensus-based Image
    Description Evaluation, 2015.
    """
    candidates = candidates[:, None]
    own, own_weights = _weighted(candidates, frequencies)
    other, other_weights = _weighted(references, frequencies)
    # An n-gram that the candidate has k times is k times in the sums.
    count, shared = _count(own, own), _count(own, other)
    clipped = tf.minimum(count, shared) * shared / count
    dot = tf.reduce_sum(clipped * own_weights**2, -1)
    norm = _norm(count, own_weights)
    norm *= _norm(_count(other, other), other_weights)
    cosines = tf.math.divide_no_nan(dot, norm)  # (images, captions, n)
    distance = (_lengths(candidates) - _lengths(references)) / 6
    alike = tf.reduce_mean(cosines, -1) * tf.exp(-(distance**2) / 2)
    captions = tf.math.count_nonzero(references[..., 0], -1, dtype=tf.float32)
    return 10 * tf.math.divide_no_nan(tf.reduce_sum(alike, -1), captions)


def _weighted(tokens, frequencies):
    """Returns the n-grams that end with each token, and their weights.

    Both are (..., 4, steps), for n of 1 to 4, and 0 where there is none.
    """
    tokens = tf.cast(tokens, tf.int64)
    ngrams, none = [tokens], tf.zeros_like(tokens[..., :1])
    for _ in range(3):
        before = tf.concat([none, ngrams[-1][..., :-1]], -1)
        there = (before > 0) & (tokens > 0)
        ngrams.append(tf.where(there, before * BASE + tokens, 0))
    ngrams = tf.stack(ngrams, -2)
    flat = tf.reshape(ngrams, [-1])
    place = tf.searchsorted(frequencies.ngrams, flat, side="right") - 1
    weights = tf.where(
        tf.gather(frequencies.ngrams, place) == flat,
        tf.gather(frequencies.weights, place),
        frequencies.unseen,
    )
    return ngrams, tf.reshape(weights, tf.shape(ngrams))


def _count(ngrams, others):  # -> (..., 4, steps)
    """Returns how often each n-gram is among others."""
    equal = ngrams[..., :, None] == others[..., None, :]
    return tf.reduce_sum(tf.cast(equal, tf.float32), -1)


def _norm(counts, weights):  # (..., 4, steps) -> (..., 4)
    return tf.sqrt(tf.reduce_sum(counts * weights**2, -1))


def _lengths(tokens):
    return tf.math.count_nonzero(tokens, -1, dtype=tf.float32)
