"""Features of files, computed once and kept on the disk."""

import os
import pathlib
import sys
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from common import files


class FeatureCache:
    """Keeps one array of features for each content of a file.

    Args:
      folder: Holds a file for each array.
      shape: Shape of an array.
      compute: Maps contents, string (batch,), to features, float32
        (batch, *shape).
    """

    def __init__(
        self,
        folder: pathlib.Path,
        shape: tuple[int, ...],
        compute: Callable[[tf.Tensor], tf.Tensor],
    ):
        self.folder, self.shape, self.compute = folder, shape, compute
        self._size = 4 * int(np.prod(shape))  # Bytes.

    def paths(self, contents: tf.Tensor) -> tf.Tensor:
        """Returns the paths of the features of contents; in the graph.

        Args:
          contents: string (batch,).

        Returns:
          string (batch,).
        """
        hashes = tf.raw_ops.Fingerprint(data=contents, method="farmhash64")
        names = tf.strings.as_string(tf.bitcast(hashes, tf.int64))
        return f"{self.folder}/" + names + ".float32"

    def fill(self, contents: tf.data.Dataset, batch_size: int = 32) -> None:
        """Computes the missing features; shows a progress bar on a terminal.

        Args:
          contents: Data set of strings.
          batch_size: Number of contents of a call of `compute`.
        """
        bar = None
        if sys.stdout.isatty():
            size = int(contents.cardinality())
            bar = keras.utils.Progbar(size, unit_name="file")
        for batch in contents.batch(batch_size).prefetch(2):
            names = self.paths(batch).numpy()
            paths = [pathlib.Path(os.fsdecode(name)) for name in names]
            self._write_missing(batch, paths)
            if bar:
                bar.add(len(paths))

    def _write_missing(self, contents, paths):
        missing = [
            i
            for i, path in enumerate(paths)
            if not path.exists() or path.stat().st_size != self._size
        ]
        if missing:
            features = self.compute(tf.gather(contents, missing)).numpy()
            for i, array in zip(missing, features):
                files.write_bytes(paths[i], array.tobytes())

    def read(self, paths: tf.Tensor) -> tf.Tensor:
        """Returns features, float32 (batch, *shape); in the graph.

        Args:
          paths: See `paths`.
        """
        content = tf.map_fn(tf.io.read_file, paths)
        flat = tf.io.decode_raw(content, tf.float32, fixed_length=self._size)
        return tf.reshape(flat, (-1, *self.shape))
