"""The known pictures that are most similar to other pictures."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

BATCH = 128  # Pictures.

# What is compared of a grid of features (pictures, places, channels).
FEATURES = {
    "mean features": lambda grid: tf.reduce_mean(grid, 1),
    "features of each place": lambda grid: tf.reshape(
        grid, [len(grid), np.prod(grid.shape[1:])]
    ),
}


def nearest(
    model, known: tf.data.Dataset, pictures: tf.data.Dataset, count: int
) -> dict[str, np.ndarray]:
    """Returns the nearest known pictures, by each kind of `FEATURES`.

    Nearest by the cosine. The features of known pictures are not kept: those
    of all places of a large data set would not fit into memory.

    Args:
      model: A `Captioner`; its encoder computes the features.
      known: Raw examples.
      pictures: Raw examples.
      count: Number of neighbors, at most that of known pictures.

    Returns:
      Indices into `known`, int (pictures, count), the nearest first.
    """
    batches = list(_unit_vectors(model, pictures))
    vectors = {n: np.concatenate([b[n] for b in batches]) for n in FEATURES}
    rows = len(next(iter(vectors.values())))
    cosines = {name: np.zeros([rows, 0], np.float32) for name in FEATURES}
    indices = {name: np.zeros([rows, 0], int) for name in FEATURES}
    start = 0
    for batch in _unit_vectors(model, known):
        for name, values in batch.items():
            end = start + len(values)
            numbers = np.tile(np.arange(start, end), (rows, 1))
            merged = np.hstack([cosines[name], vectors[name] @ values.T])
            numbers = np.hstack([indices[name], numbers])
            order = np.argsort(-merged, 1, kind="stable")[:, :count]
            cosines[name] = np.take_along_axis(merged, order, 1)
            indices[name] = np.take_along_axis(numbers, order, 1)
        start = end
    return indices


def _unit_vectors(model, examples) -> Iterator[dict[str, np.ndarray]]:
    """Yields unit vectors (pictures, size) of batches, by kind."""
    pictures = examples.map(lambda x, y: x["image_bytes"])
    for image_bytes in pictures.batch(BATCH).prefetch(2):
        grid, _ = model.features(image_bytes)
        yield {
            name: tf.math.l2_normalize(feature(grid), 1).numpy()
            for name, feature in FEATURES.items()
        }
