"""Clips that words of the command line name; imports no TensorFlow."""

from __future__ import annotations

import hashlib
import itertools
import pathlib
import re
import sys
from collections.abc import Sequence
from typing import NamedTuple

from common.errors import UserError
from common.video import limits

CLIPS = {
    *(".gif", ".npy", ".apng", ".mp4", ".m4v", ".mov", ".avi", ".webm"),
    *(".mkv", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv", ".ts"),
}
PICTURES = {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp"}
# First bytes of the files that `decode.read` takes.
DECODABLE_MAGIC = b"GIF8", b"\x93NUMPY"
PNG, RIFF, WEBP = b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"
JPEG, BMP = b"\xff\xd8\xff", b"BM"
MAX_FILE = limits.MAX_BYTES + 2**17  # Bytes; a NumPy file has a header.
LISTED = 5  # Files that are left out, in a message.
SIDE = 256  # Larger sides of frames are scaled down to it.


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


def expand_folders(words: Sequence[str]) -> list[str]:
    """Returns the words, with the clips of a folder in its place.

    A folder of pictures is one clip and stays. Of other folders, the clips are
    its video files and its folders of pictures; what else they hold is left out
    and named on standard error. Hidden files are no clips.

    Raises:
      UserError: A folder has no clips and no pictures.
    """
    names = []
    for word in words:
        folder = pathlib.Path(word)
        if not folder.is_dir():
            names.append(word)
            continue
        clips = [
            path
            for path in _entries(folder)
            if path.suffix.lower() in CLIPS or _pictures(path)
        ]
        if clips:
            names += map(str, clips)
            _report_left_out(folder, set(_entries(folder)) - set(clips))
        elif _pictures(folder):
            names.append(word)
        else:
            raise UserError(
                f"{word} has no clips: pass a folder with files of the "
                f"extensions {', '.join(sorted(CLIPS))}, or with the frames of "
                f"one clip as {', '.join(sorted(PICTURES))}."
            )
    return names


def _report_left_out(folder, paths):
    if not paths:
        return
    names = sorted(path.name for path in paths)
    listed = ", ".join(names[:LISTED])
    if len(names) > LISTED:
        listed += f" and {len(names) - LISTED:,} more"
    print(
        f"{folder}: left out {listed}: neither videos nor folders of pictures. "
        "Name an animated PNG or WebP file itself.",
        file=sys.stderr,
    )


def read(path: pathlib.Path, side: int = SIDE) -> VideoFile:
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
            f"{path} has no pictures: pass a folder with the frames of a clip "
            f"as {', '.join(sorted(PICTURES))}."
        )
    return _read_pictures(path, pictures, side)


def _read_pictures(path, pictures, side):
    from common.video import animations

    frames = map(animations.read_picture, pictures)
    seconds = itertools.repeat(limits.FRAME_SECONDS)
    return _pack(path, zip(frames, seconds), side)._replace(durations=None)


def _read_animation(path, content, side):
    from common.video import animations

    if not animations.is_animated(content):
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


def _entries(folder):
    """Returns the visible paths in a folder, frame2 before frame10."""
    paths = [p for p in folder.iterdir() if not p.name.startswith(".")]
    return sorted(paths, key=_natural_order)


def _natural_order(path):
    parts = re.split("([0-9]+)", path.name.casefold())
    parts[1::2] = map(int, parts[1::2])
    return parts, path.name


def _pictures(folder):
    """Returns the pictures in a folder; none if it is not one."""
    if not folder.is_dir():
        return []
    return [p for p in _entries(folder) if p.suffix.lower() in PICTURES]
