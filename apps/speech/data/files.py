"""Recordings of files that a list names."""

from __future__ import annotations

import hashlib
import pathlib
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from apps.speech.data import recordings
from common.data.records import BadRecords
from common.errors import UserError

# Seconds of a recording in training: a batch is padded to its longest one.
LONGEST = 30.0


class Listed(NamedTuple):
    """A file of any format, its normalized transcript, and its speaker."""

    path: pathlib.Path
    transcript: str
    speaker: str = ""


class Checked(NamedTuple):
    """A file that can be read: SHA-256 of its bytes, and its duration."""

    listed: Listed
    digest: str
    seconds: float


class Files:
    """Recordings that are read when they are needed.

    Args:
      checked: Files, in their order.
    """

    def __init__(self, checked: Sequence[Checked]):
        self._checked = checked

    def __iter__(self) -> Iterator[recordings.Recording]:
        """Yields the recordings."""
        for (path, transcript, speaker), _, _ in self._checked:
            content = _wav_file(path)
            yield recordings.Recording(content, transcript, speaker)

    def __len__(self) -> int:
        """Returns their number."""
        return len(self._checked)


def existing(
    listed: Iterable[Listed], bad_records: BadRecords
) -> Iterator[tuple[str, int, Listed]]:
    """Yields the records of files that exist; the others are counted."""
    for file in listed:
        if file.path.is_file():
            yield str(file.path), 1, file
        else:
            bad_records.absent(str(file.path), 1)


def check(listed: Listed) -> Checked:
    """Returns a file that can be read.

    Raises:
      ValueError: It cannot be read, or has words and no samples.
    """
    import tensorflow as tf

    from common.audio import files
    from common.audio import wav

    path = listed.path
    try:
        sound = wav.decode(tf.constant(files.read(path)))
    except UserError as error:
        reason = str(error).removeprefix(f"{path} ").removesuffix(".")
        raise ValueError(reason) from error
    count = int(tf.size(sound.samples))
    if listed.transcript and not count:
        raise ValueError("has words and no samples")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Checked(listed, digest, count / int(sound.rate))


def short_enough(checked: Sequence[Checked], source: str) -> list[Checked]:
    """Returns the files for training, without those of more than 30 seconds.

    Their number is printed to standard error.

    Args:
      checked: The training split.
      source: Where they come from, for messages.

    Raises:
      UserError: All are longer.
    """
    kept = [file for file in checked if file.seconds <= LONGEST]
    count = len(checked) - len(kept)
    if not count:
        return kept
    message = (
        f"{source}: {count:,} of {len(checked):,} training recordings are "
        f"longer than {LONGEST:g} s"
    )
    if not kept:
        raise UserError(f"{message}: cut them into sentences.")
    print(
        f"{message} and left out: cut them into sentences to use them.",
        file=sys.stderr,
    )
    return kept


def _wav_file(path):
    """Returns a recording as a WAV file, without the messages of `check`."""
    from common.audio import files
    from common.audio import wav

    content = path.read_bytes()
    try:
        wav.check(content)
    except ValueError:
        return files.read(path)
    return content
