"""Clips that words of the command line name; imports no TensorFlow."""

from __future__ import annotations

import hashlib
import io
import itertools
import pathlib
from typing import NamedTuple

from common.data import folders
from common.errors import UserError
from common.video import limits

CLIPS = {
    *(".gif", ".npy", ".apng", ".mp4", ".m4v", ".mov", ".avi", ".webm"),
    *(".mkv", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv", ".ts"),
}
PICTURES = {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp"}
ANIMATIONS = {".png", ".webp"}  # Of which some files are animated.
# First bytes of the files that `decode.read` takes.
DECODABLE_MAGIC = b"GIF8", b"\x93NUMPY"
PNG, RIFF, WEBP = b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"
JPEG, BMP = b"\xff\xd8\xff", b"BM"
MAX_FILE = limits.MAX_BYTES + 2**17  # Bytes; a NumPy file has a header.


class VideoFile(NamedTuple):
    """A clip.

    Attributes:
      name: As in the command line.
      content: Bytes for `decode.read`, not yet checked.
      durations: Seconds of each frame, if `content` does not have them.
    """

    name: str
    content: bytes
    durations: list[float] | None


def expand_folder(word: str) -> list[str]:
    """Returns the clips of a folder, or the word itself.

    A folder of pictures is one clip and stays. Of other folders, the clips are
    its video files, animations, and folders of pictures. See `folders.expand`.
    """
    remedy = ": neither videos nor folders of pictures."
    return folders.expand(word, _is_clip, remedy)


def read(path: pathlib.Path, side: int) -> VideoFile:
    """Reads a clip from a file of any format, or from a folder of pictures.

    GIFs and NumPy files are returned as they are. Pictures, animated PNG and
    WebP files, videos and folders become NumPy files.

    Args:
      path: A file, or a folder with the frames as pictures, in the order of
        their names (frame2 before frame10).
      side: Height and width down to which larger frames are scaled. Their
        aspect ratio is not kept, as in the model.

    Raises:
      UserError: It cannot be read, or is too large.
    """
    try:
        if path.is_dir():
            return _read_folder(path, side)
        with path.open("rb") as file:
            head = file.peek(16)[:16]
            if not head:
                raise UserError(f"{path} is empty: check how it was made.")
            if head.startswith(DECODABLE_MAGIC):
                return VideoFile(str(path), _content(path, file), None)
            if head.startswith((JPEG, BMP)):
                return _read_pictures(path, [path], side)
            if head.startswith(PNG) or (head[:4], head[8:12]) == (RIFF, WEBP):
                return _read_animation(path, _content(path, file), side)
            return _read_video(path, file, side)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror or error}."
        ) from error


def read_record(path: pathlib.Path, side: int) -> VideoFile:
    """Reads a clip of a data set; see `read`.

    Raises:
      ValueError: It cannot be read; the message is the reason.
    """
    try:
        return read(path, side)
    except UserError as error:
        raise ValueError(str(error).removeprefix(f"{path} ")) from error


def digest(path: pathlib.Path) -> str:
    """Returns the SHA-256 of a file, or of the pictures in a folder.

    Raises:
      OSError: It cannot be read.
    """
    sha = hashlib.sha256()
    for part in _pictures(path) if path.is_dir() else [path]:
        sha.update(part.read_bytes())
    return sha.hexdigest()


def _content(path, file):
    content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise UserError(
            f"{path} has more than {MAX_FILE:,} bytes: cut it, or make its "
            "frames smaller."
        )
    return content


def _read_folder(path, side):
    pictures = _pictures(path)
    if not pictures:
        raise UserError(
            f"{path} has no clips: pass a folder with files of the extensions "
            f"{', '.join(sorted(CLIPS))}, or with the frames of one clip as "
            f"{', '.join(sorted(PICTURES))}."
        )
    return _read_pictures(path, pictures, side)


def _read_pictures(path, pictures, side):
    from common.video import animations

    frames = map(animations.read_picture, pictures)
    seconds = itertools.repeat(limits.FRAME_SECONDS)
    return _pack(path, zip(frames, seconds), side)._replace(durations=None)


def _read_animation(path, content, side):
    from common.video import animations

    if not animations.is_animated(io.BytesIO(content)):
        return _read_pictures(path, [path], side)
    return _pack(path, animations.read(path, content), side)


def _read_video(path, file, side):
    try:
        from common.video import containers
    except ImportError as error:
        raise UserError(
            f"{path} is not a GIF, NumPy or picture file, and PyAV, which "
            "reads videos, is absent: run `pip install 'av~=18.1'` (the extra "
            "`video`), or convert it to a GIF."
        ) from error
    return _pack(path, containers.read(path, file), side)


def _pack(path, frames, side):
    """Returns a NumPy file of frames, as pairs of pixels and seconds."""
    from common.video import packing

    return VideoFile(str(path), *packing.pack(path, frames, side))


def _is_clip(path):
    if path.suffix.lower() in CLIPS or _pictures(path):
        return True
    if path.suffix.lower() not in ANIMATIONS:
        return False
    from common.video import animations

    return animations.is_animated(path)


def _pictures(folder):
    """Returns the pictures in a folder; none if it is not one."""
    if not folder.is_dir():
        return []
    return [p for p in folders.entries(folder) if p.suffix.lower() in PICTURES]
