"""Baselines without a language model: captions of training pictures."""

import collections
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from common.data import batching
from common.evaluation.metrics import captions as caption_metrics


def nearest(model, known: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns a caption of the nearest known picture, for each test picture.

    Nearest by the cosine of the mean features of the encoder. Of the captions
    of that picture, the one that shares most words with the others.

    Args:
      model: A `Captioner`; its encoder computes the features.
      known: Raw examples with captions to choose from.
      test: Raw examples.

    Reference: Devlin et al., Exploring Nearest Neighbor Approaches for Image
    Captioning, 2015.
    """
    known_vectors, captions = _unit_vectors(model, known)
    test_vectors, _ = _unit_vectors(model, test)
    best = [_most_typical(texts) for texts in captions]
    nearest = (test_vectors @ known_vectors.T).argmax(1)
    return np.array([best[i] for i in nearest], object)


def most_common(known: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns the most common caption, for each test picture.

    Args:
      known: Raw examples.
      test: Raw examples.
    """
    counts = collections.Counter(
        caption for texts in captions_of(known) for caption in set(texts)
    )
    # Of equally common captions, always the same.
    caption = max(counts, key=lambda c: (counts[c], c))
    return np.array([caption] * batching.size(test), object)


def captions_of(examples: tf.data.Dataset) -> Iterator[list[bytes]]:
    """Yields the captions of each picture."""
    # Two splits may have different numbers of captions.
    captions = examples.map(lambda x, y: y["captions"])
    for batch in captions.padded_batch(1024).as_numpy_iterator():
        yield from map(without_empty, batch)


def without_empty(captions: np.ndarray) -> list[bytes]:
    """Returns the captions of a picture without the empty ones."""
    return [caption for caption in captions if caption]


def _unit_vectors(model, examples):
    """Returns unit vectors (pictures, channels), and lists of captions."""
    vectors, captions = [], []
    for x, y in examples.padded_batch(32).prefetch(2):
        grid, _ = model.features(x["image_bytes"])
        vectors.append(tf.reduce_mean(grid, 1).numpy())
        captions.extend(map(without_empty, y["captions"].numpy()))
    vectors = np.concatenate(vectors)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), captions


def _most_typical(captions):
    """Returns the caption that shares most words with the others."""
    words = [
        caption_metrics.caption_tokens(caption.decode(errors="replace"))
        for caption in captions
    ]
    counts = collections.Counter(w for tokens in words for w in set(tokens))
    overlap = [
        sum(counts[word] - 1 for word in set(tokens)) / max(1, len(tokens))
        for tokens in words
    ]
    return captions[int(np.argmax(overlap))]
