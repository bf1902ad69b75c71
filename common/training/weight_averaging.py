"""The weights of the last epochs, and their mean."""

import io
import pathlib
import zipfile

import numpy as np

from common import files
from common.errors import UserError


def keep(
    folder: pathlib.Path,
    number: int,
    arrays: list[np.ndarray],
    last_expired: int,
) -> None:
    """Saves the weights of an epoch, and deletes those that have expired.

    Args:
      folder: Holds a file for each epoch.
      number: Number of the epoch, from 1.
      arrays: The weights.
      last_expired: Epochs up to and including this one are deleted.
    """
    content = io.BytesIO()
    np.savez(content, *arrays)
    files.write_bytes(_path(folder, number), content.getvalue())
    # Leftovers of killed processes have other names.
    for path in folder.glob("[0-9]*.npz"):
        if int(path.stem) <= last_expired:
            with files.writable(path):
                path.unlink()


def mean(folder: pathlib.Path, last: int, count: int) -> list[np.ndarray]:
    """Returns the mean of the weights of `count` epochs, ending at `last`.

    Variables that are not floating-point, such as the states of seeds, are
    those of `last`.

    Raises:
      UserError: The run did not keep that many, or one is broken.

    Reference: Junczys-Dowmunt, Dwojak & Sennrich, The AMU-UEDIN Submission to
    the WMT16 News Translation Task, 2016.
    """
    numbers = range(max(1, last - count + 1), last + 1)
    missing = [n for n in numbers if not _path(folder, n).exists()]
    if missing:
        most = max(1, last - missing[-1])
        raise UserError(
            f"{folder} does not hold epoch {missing[-1]}: --average_epochs="
            f"{most} is the maximum for this run; train again with --fresh to "
            "average more."
        )
    arrays = [_read(_path(folder, number)) for number in numbers]
    return [
        np.mean(same, 0, dtype=same[0].dtype)
        if same[0].dtype.kind == "f"
        else same[-1]
        for same in zip(*arrays, strict=True)
    ]


def _path(folder, number):
    return folder / f"{number:04d}.npz"


def _read(path):
    try:
        with np.load(path) as arrays:
            return [arrays[name] for name in arrays.files]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path} cannot be read ({error}): use --average_epochs=1, or "
            "train again with --fresh."
        ) from error
