"""FLAC, MP3, OGG, AIFF and other files, by soundfile, an optional package."""

import io
import pathlib
import sys

import numpy as np
import soundfile

from common.errors import UserError

BLOCK = 2**16  # Frames that are decoded at once.
MAX_SAMPLES = 2**27  # Of all channels: a few bytes may hold hours of silence.


def read(path: pathlib.Path, content: bytes) -> tuple[np.ndarray, int]:
    """Returns the samples of a file, float32 (time, channels), and their rate.

    Samples before a damaged place are used, with a line on standard error.

    Args:
      path: Path of the file, for messages.
      content: Content of the file.

    Raises:
      ValueError: It cannot be decoded.
      UserError: It is too long.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            blocks = [np.zeros([0, file.channels], np.float32)]
            blocks += _decoded(path, file)
            return np.concatenate(blocks), file.samplerate
    except soundfile.SoundFileError as error:
        raise ValueError("cannot be decoded") from error


def _decoded(path, file):
    """Yields blocks of samples; the length in the header may be wrong."""
    count = 0
    while True:
        try:
            block = file.read(BLOCK, "float32", always_2d=True)
        except soundfile.SoundFileError:
            if not count:
                raise
            print(
                f"{path} is damaged after {count / file.samplerate:.1f} s; the "
                "samples before are used.",
                file=sys.stderr,
            )
            return
        if not len(block):
            return
        count += len(block)
        if count * file.channels > MAX_SAMPLES:
            raise UserError(
                f"{path} has more than {MAX_SAMPLES:,} samples: cut it into "
                "shorter files."
            )
        yield block
