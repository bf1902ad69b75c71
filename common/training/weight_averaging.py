"""The weights after the last epochs, and their mean."""

import io
import pathlib
import zipfile

import numpy as np

from common import files
from common.errors import UserError


def keep(
    folder: pathlib.Path, number: int, arrays: list[np.ndarray], before: int
) -> None:
    """Writes the weights of an epoch, and removes those until `before`.

    Args:
      folder: holds a file for each epoch.
      number: of the epoch, from 1.
      arrays: the weights.
      before: the last epoch that is needed no more.
    """
    content = io.BytesIO()
    np.savez(content, *arrays)
    files.write_bytes(_path(folder, number), content.getvalue())
    # Not what a process that was killed has left beside them.
    for path in folder.glob("[0-9]*.npz"):
        if int(path.stem) <= before:
            with files.writable(path):
                path.unlink()


def mean(folder: pathlib.Path, last: int, count: int) -> list[np.ndarray]:
    """Returns the mean of the weights of `count` epochs until `last`.

    What is no real number, such as the states of seeds, is that of `last`.

    Raises:
      UserError: the run did not keep so many, or one is broken.

    Reference: Junczys-Dowmunt, Dwojak & Sennrich, The AMU-UEDIN Submission to
    the WMT16 News Translation Task, 2016.
    """
    numbers = range(max(1, last - count + 1), last + 1)
    missing = [n for n in numbers if not _path(folder, n).exists()]
    if missing:
        most = max(1, last - missing[-1])
        raise UserError(
            f"{folder} does not hold epoch {missing[-1]}: --average={most} is "
            "the most for this run; train anew with --fresh to average more."
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
            f"{path} cannot be read ({error}): take --average=1, or train anew "
            "with --fresh."
        ) from error
