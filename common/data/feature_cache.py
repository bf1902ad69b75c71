"""What is computed once of each file of a data set, and kept on the disk."""

import os
import pathlib
import sys
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from common import files


class FeatureCache:
    """Keeps an array for each content of a file.

    Args:
      folder: holds a file for each array.
      shape: of an array.
      compute: returns arrays float32 (batch, *shape) of contents (batch,).
    """

    def __init__(
        self,
        folder: pathlib.Path,
        shape: tuple[int, ...],
        compute: Callable[[tf.Tensor], tf.Tensor],
    ):
        self.folder, self.shape, self.compute = folder, shape, compute
        self._size = 4 * int(np.prod(shape))  # Bytes.

    def names(self, contents: tf.Tensor) -> tf.Tensor:
        """Returns the files of contents, (batch,) strings; in the graph."""
        prints = tf.raw_ops.Fingerprint(data=contents, method="farmhash64")
        names = tf.strings.as_string(tf.bitcast(prints, tf.int64))
        return f"{self.folder}/" + names + ".float32"

    def fill(self, contents: tf.data.Dataset, batch_size: int = 32) -> None:
        """Computes what is not there yet; a bar shows it on a terminal.

        Args:
          contents: data set of strings.
          batch_size: how many are computed at once.
        """
        bar = None
        if sys.stdout.isatty():
            size = int(contents.cardinality())
            bar = keras.utils.Progbar(size, unit_name="file")
        for batch in contents.batch(batch_size).prefetch(2):
            names = self.names(batch).numpy()
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
            arrays = self.compute(tf.gather(contents, missing)).numpy()
            for i, array in zip(missing, arrays):
                files.write_bytes(paths[i], array.tobytes())

    def read(self, names: tf.Tensor) -> tf.Tensor:
        """Returns the arrays (batch, *shape) of files; in the graph."""
        content = tf.map_fn(tf.io.read_file, names)
        flat = tf.io.decode_raw(content, tf.float32, fixed_length=self._size)
        return tf.reshape(flat, (-1, *self.shape))
