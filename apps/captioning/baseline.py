"""Captions without a language model: those of the most similar picture."""

import collections

import numpy as np
import tensorflow as tf


def nearest(model, seen: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns for each test picture a caption of the nearest one seen.

    Nearest by the cosine of the features that the encoder sees on the whole
    picture. Of its captions, the one that is most like the others.

    Args:
      model: a `Captioner`; its encoder is asked.
      seen: raw examples to take captions from.
      test: raw examples.

    Reference: Devlin et al., Exploring Nearest Neighbor Approaches for Image
    Captioning, 2015.
    """
    ours, captions = _features(model, seen)
    theirs, _ = _features(model, test)
    best = [_most_alike(lines.split(b"\n")) for lines in captions]
    return np.array([best[i] for i in (theirs @ ours.T).argmax(1)], object)


def most_common(seen: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns for each test picture the caption that most pictures have."""
    counts = collections.Counter(
        caption for _, y in seen for caption in set(y.numpy().split(b"\n"))
    )
    # Of those that are equally common, always the same.
    caption = max(counts, key=lambda c: (counts[c], c))
    return np.array([caption] * int(test.cardinality()), object)


def _features(model, examples):
    """Returns unit vectors (pictures, channels), and the captions."""
    vectors, captions = [], []
    for x, y in examples.batch(32).prefetch(2):
        grid, _ = model.see(x["image_bytes"])
        vectors.append(tf.reduce_mean(grid, 1).numpy())
        captions.extend(y.numpy())
    vectors = np.concatenate(vectors)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), captions


def _most_alike(captions):
    """Returns the caption that has most words in common with the others."""
    words = [
        captions.caption_tokens(c.decode(errors="replace")) for c in captions
    ]
    counts = collections.Counter(w for some in words for w in set(some))
    shared = [
        sum(counts[w] - 1 for w in set(some)) / max(1, len(some))
        for some in words
    ]
    return captions[int(np.argmax(shared))]
