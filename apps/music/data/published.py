"""Published files of pieces: where they are, and how they are read."""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING
from typing import NamedTuple

from apps.music.data import rolls
from common.data import downloads
from common.errors import UserError

if TYPE_CHECKING:
    import numpy as np

KEYS_OF_SPLITS = {
    "train": "traindata",
    "valid": "validdata",
    "test": "testdata",
}
VOICES = 4


class Source(NamedTuple):
    """A published file."""

    folder: str
    name: str
    sha256: str
    size: int  # Bytes.

    @property
    def url(self) -> str:
        """Where it can be downloaded."""
        return self.folder + self.name


def read_matrices(
    source: Source, data_dir: str, split: str
) -> list[np.ndarray]:
    """Returns the rolls of a split, int32 (frames, 88) each.

    Args:
      source: A MATLAB file with a row of matrices (frames, 88) for each split.
      data_dir: Folder of the file; "" to download it.
      split: "train", "valid" or "test".

    Raises:
      UserError: It is absent, another file, or damaged.
    """
    import numpy as np
    import scipy.io

    path, key = _path(source, data_dir), KEYS_OF_SPLITS[split]
    try:
        cells = scipy.io.loadmat(path, variable_names=[key])[key]
        rows = [np.asarray(cell).astype(np.int32) for cell in cells.ravel()]
    except Exception as error:  # scipy raises many.
        problem = f"no readable {key} ({type(error).__name__})"
        raise _damaged(path, problem, source) from error
    _check(rows, rolls.KEYS, path, key, source)
    for number, roll in enumerate(rows):
        if not np.isin(roll, (0, 1)).all():
            problem = f"values other than 0 and 1 in {key}[{number}]"
            raise _damaged(path, problem, source)
    return rows


def read_voices(source: Source, data_dir: str, split: str) -> list[np.ndarray]:
    """Returns the voices of a split, int32 (frames, 4) each.

    Args:
      source: A JSON file with a list of pieces for each split, and in it a list
        of four pitches for each frame; -1 or NaN is silent.
      data_dir: Folder of the file; "" to download it.
      split: "train", "valid" or "test".

    Raises:
      UserError: It is absent, another file, or damaged.
    """
    import numpy as np

    path = _path(source, data_dir)
    try:
        rows = [
            np.array(piece, float)
            for piece in json.loads(path.read_text())[split]
        ]
    except (ValueError, KeyError, TypeError) as error:
        problem = f"no readable {split} split ({type(error).__name__})"
        raise _damaged(path, problem, source) from error
    _check(rows, VOICES, path, split, source)
    highest = rolls.LOWEST + rolls.KEYS - 1
    for number, piece in enumerate(rows):
        if (piece > highest).any():
            problem = f"a pitch above {highest} in {split}[{number}]"
            raise _damaged(path, problem, source)
    return [
        np.where(piece >= rolls.LOWEST, piece, rolls.SILENT).astype(np.int32)
        for piece in rows
    ]


def _path(source, data_dir):
    """Returns the path of a file, downloaded without --data_dir.

    Raises:
      UserError: The folder does not have it, or it cannot be downloaded.
    """
    if not data_dir:
        return downloads.fetch(source.url, source.sha256, source.size)
    path = pathlib.Path(data_dir) / source.name
    if not path.is_file():
        raise UserError(
            f"--data_dir={data_dir} has no {source.name}: download "
            f"{source.url} into it, or leave the option out."
        )
    return path


def _check(pieces, columns, path, split, source):
    """Raises a UserError if an array is not (frames, columns)."""
    if not pieces:
        raise _damaged(path, f"no pieces in {split}", source)
    for number, piece in enumerate(pieces):
        if piece.ndim != 2 or piece.shape[1] != columns or not len(piece):
            problem = f"an array of shape {piece.shape} in {split}[{number}]"
            raise _damaged(path, problem, source)


def _damaged(path, problem, source):
    return UserError(f"{path} has {problem}: download {source.url} again.")
