"""CIDEr-D in the graph: the reward of self-critical training."""

import functools
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.evaluation.metrics import captions as caption_metrics

# An n-gram is encoded as one number with the ids as digits: different n-grams
# have different numbers, since no id is 0. Four digits fit into int64.
BASE = 55_000


class Frequencies(NamedTuple):
    """The weights of n-grams by inverse document frequency.

    Attributes:
      ngrams: int64 (n-grams + 1,), ascending; the first is 0, for padding.
      weights: float32 (n-grams + 1,); log(images / images with the n-gram), and
        0 for padding.
      unseen: float32 (); the weight of all other n-grams.
    """

    ngrams: np.ndarray | tf.Tensor
    weights: np.ndarray | tf.Tensor
    unseen: np.ndarray | tf.Tensor


def document_frequencies(captions: list[list[list[int]]]) -> Frequencies:
    """Returns the weights of the n-grams of captions, for n of 1 to 4.

    Args:
      captions: The token ids, from 1, of each caption of each image.

    Raises:
      UserError: There are too many different words.
    """
    counts = caption_metrics.document_frequencies(captions)
    largest = max(map(max, counts))
    if largest >= BASE:
        raise UserError(
            f"CIDEr-D cannot distinguish {largest:,} words: set "
            f"--vocabulary_size below {BASE:,}."
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

    It equals `common.evaluation.metrics.captions.cider_d`. The caller decides
    which tokens count: in self-critical training the end mark is one.

    Args:
      candidates: int32 (images, steps); token ids, then zeros.
      references: int32 (images, captions, steps); the same. An image with
        fewer captions has rows of zeros.
      frequencies: See `document_frequencies`.

    Reference: Vedantam, Zitnick & Parikh, CIDEr: Consensus-based Image
    Description Evaluation, 2015; Rennie et al., Self-critical Sequence Training
    for Image Captioning, 2017.
    """
    candidates = candidates[:, None]
    ngrams, weights = _ngrams_and_weights(candidates, frequencies)
    reference_ngrams, reference_weights = _ngrams_and_weights(
        references, frequencies
    )
    # An n-gram that occurs k times in the candidate is k times in the sums.
    count = _counts(ngrams, ngrams)
    matches = _counts(ngrams, reference_ngrams)
    clipped = tf.minimum(count, matches) * matches / count
    dot = tf.reduce_sum(clipped * weights**2, -1)
    reference_counts = _counts(reference_ngrams, reference_ngrams)
    norm = _norm(count, weights) * _norm(reference_counts, reference_weights)
    cosines = tf.math.divide_no_nan(dot, norm)  # (images, captions, n)
    distance = (_lengths(candidates) - _lengths(references)) / 6
    similarity = tf.reduce_mean(cosines, -1) * tf.exp(-(distance**2) / 2)
    captions = tf.math.count_nonzero(references[..., 0], -1, dtype=tf.float32)
    total = tf.reduce_sum(similarity, -1)
    return 10 * tf.math.divide_no_nan(total, captions)


def _ngrams_and_weights(tokens, frequencies):
    """Returns the n-grams that end with each token, and their weights.

    Both are (..., 4, steps), for n of 1 to 4, and 0 where there is no n-gram.
    """
    tokens = tf.cast(tokens, tf.int64)
    ngrams, zero = [tokens], tf.zeros_like(tokens[..., :1])
    for _ in range(3):
        shorter = tf.concat([zero, ngrams[-1][..., :-1]], -1)
        exists = (shorter > 0) & (tokens > 0)
        ngrams.append(tf.where(exists, shorter * BASE + tokens, 0))
    ngrams = tf.stack(ngrams, -2)
    flat = tf.reshape(ngrams, [-1])
    index = tf.searchsorted(frequencies.ngrams, flat, side="right") - 1
    weights = tf.where(
        tf.gather(frequencies.ngrams, index) == flat,
        tf.gather(frequencies.weights, index),
        frequencies.unseen,
    )
    return ngrams, tf.reshape(weights, tf.shape(ngrams))


def _counts(ngrams, among):  # -> (..., 4, steps)
    """Counts the occurrences of each n-gram among n-grams."""
    equal = ngrams[..., :, None] == among[..., None, :]
    return tf.reduce_sum(tf.cast(equal, tf.float32), -1)


def _norm(counts, weights):  # (..., 4, steps) -> (..., 4)
    return tf.sqrt(tf.reduce_sum(counts * weights**2, -1))


def _lengths(tokens):
    return tf.math.count_nonzero(tokens, -1, dtype=tf.float32)
