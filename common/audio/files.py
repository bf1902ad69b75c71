"""Recordings as WAV files, whatever their format; imports no TensorFlow."""

from __future__ import annotations

import pathlib
import sys

from common.errors import UserError

MAX_FILE = 2**30  # Bytes, as in the decoder.
MP4 = b"ftyp"  # From the fourth byte on; also in M4A files.


def read(path: pathlib.Path) -> bytes:
    """Returns a recording as the content of a WAV file, for `wav.decode`.

    WAV files that it decodes are returned as they are, with a line on standard
    error if they are cut off. Others (FLAC, MP3, OGG, AIFF, mu-law) are decoded
    by soundfile, the extra `audio`.

    Raises:
      UserError: It cannot be read.
    """
    from common.audio import wav

    content = _content(path)
    try:
        missing = wav.check(content)
    except ValueError as error:
        return _convert(path, content, str(error))
    if missing:
        print(
            f"{path} is cut off: {missing:,} bytes of its samples are missing; "
            "the samples before are used.",
            file=sys.stderr,
        )
    return content


def _content(path):
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror or error}."
        ) from error
    if len(content) > MAX_FILE:
        raise UserError(
            f"{path} has more than {MAX_FILE:,} bytes: cut it into shorter "
            "files."
        )
    return content


def _convert(path, content, reason):
    """Returns the WAV file of a file that is not one, or an unusual one.

    Args:
      path: Path of the file, for messages.
      content: Content of the file.
      reason: Why the decoder does not read it.
    """
    from common.audio import encodings
    from common.audio import wav
    from common.audio import writing

    if not content:
        raise UserError(f"{path} {reason}.")
    if content[4:8] == MP4:
        raise UserError(
            f"{path} is an MP4 or M4A file, which neither TensorFlow nor "
            f"soundfile reads: convert it with `ffmpeg -i {path} OUTPUT.wav`."
        )
    try:
        from common.audio import formats
    except (ImportError, OSError) as error:  # Without libsndfile, an OSError.
        if encodings.CONVERT not in reason:  # Another reader does not help.
            raise UserError(f"{path} {reason}.") from error
        raise UserError(
            f"{path} {reason}; or run `pip install 'soundfile~=0.14'` (the "
            "extra `audio`), which reads FLAC, MP3, OGG, AIFF and mu-law."
        ) from error
    try:
        converted = writing.wav_file(*formats.read(path, content))
    except ValueError as error:
        raise UserError(f"{path} {reason}.") from error
    try:
        wav.check(converted)
    except ValueError as error:
        raise UserError(f"{path} {error}.") from error
    return converted
