"""Fingerprints of the data of a run: a run belongs to its data."""

import hashlib
import pathlib

import tensorflow as tf

from common import files
from common.errors import UserError


def fingerprint(examples: tf.data.Dataset) -> str:
    """Returns the SHA-256 of the raw examples, in their order."""

    def serialized(*example):
        parts = tf.nest.flatten(example)
        return tf.stack([tf.io.serialize_tensor(part) for part in parts])

    digest = hashlib.sha256()
    batches = examples.map(serialized, tf.data.AUTOTUNE).batch(1024)
    for batch in batches.as_numpy_iterator():
        for part in batch.ravel():
            digest.update(part)
    return digest.hexdigest()


def record(folder: pathlib.Path, fingerprints: dict[str, str]) -> None:
    """Writes the fingerprints of the splits of a run to its data.json."""
    files.write_json(folder / "data.json", fingerprints)


def require_same(folder: pathlib.Path, fingerprints: dict[str, str]) -> None:
    """Checks that the splits are those with which a run was started.

    Args:
      folder: Of the run. One of an earlier version has no fingerprints.
      fingerprints: By the name of the split.

    Raises:
      UserError: A split has changed.
    """
    path = folder / "data.json"
    if not path.exists():
        return
    recorded = files.read_json(path)
    for split, value in fingerprints.items():
        if recorded.get(split) != value:
            raise UserError(
                f"The {split} split is not the one with which the run in "
                f"{folder} was started: restore the data, train again with "
                "--fresh, or choose another --run_dir."
            )
