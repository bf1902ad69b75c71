"""The header of a MIDI file, and where its tracks are.

A file is a sequence of chunks: a name of four characters, the size of the
content as a big-endian integer, and the content. "MThd" comes first and holds
the kind of the file, its number of tracks and its unit of time; each "MTrk" is
a track; other names are skipped.

Reference: MIDI Manufacturers Association, Standard MIDI Files 1.0, 1988.
"""

import struct
from typing import NamedTuple

from common.errors import UserError

HEADER, TRACK = b"MThd", b"MTrk"
CHUNK_HEADER = 8  # Bytes: name and size.
HEADER_SIZE = 6  # Bytes of content: kind, tracks, division.
MAX_BYTES = 2**21  # A long sonata has 200,000.
# RIFF (.rmi) and MacBinary files have a header of their own before.
MAX_OFFSET = 2**10
OTHER_FORMATS = {
    b"<?xml": "XML, maybe MusicXML",
    b"<!DOC": "HTML or XML",
    b"<html": "HTML",
    b"PK\x03\x04": "a ZIP archive, maybe compressed MusicXML",
    b"\x1f\x8b": "a gzip archive",
    b"RIFF": "a RIFF file without MIDI, maybe WAV",
    b"fLaC": "FLAC audio",
    b"OggS": "Ogg audio",
    b"ID3": "MP3 audio",
    b"%PDF": "PDF",
    b"\x89PNG": "a PNG picture",
    b"X:": "ABC notation",
    b"version https://git-lfs": "a Git LFS pointer: fetch the file itself",
}


class Track(NamedTuple):
    """A track: `content[start:end]`; `stated_end` is what its size says."""

    start: int
    end: int
    stated_end: int


class Chunks(NamedTuple):
    """The parts of a file.

    Attributes:
      kind: 0: one track; 1: simultaneous tracks; 2: independent ones.
      division: Ticks a quarter note; if negative, frames a second (negative,
        first byte) and ticks a frame (second byte).
      tracks: In the order of the file.
      warnings: What is odd, each a phrase.
    """

    kind: int
    division: int
    tracks: list[Track]
    warnings: list[str]


def read(content: bytes, name: str) -> Chunks:
    """Returns the parts of a MIDI file.

    Tracks are recovered where sizes are wrong: such a track extends to the
    next one, or to the end of the file.

    Args:
      content: The file.
      name: Its name, for messages.

    Raises:
      UserError: It is empty, too large, not MIDI, or its header is damaged.
    """
    if not content:
        raise UserError(f"{name} is empty: choose a MIDI file with notes.")
    if len(content) > MAX_BYTES:
        raise UserError(
            f"{name} has {len(content):,} bytes; MIDI files of at most "
            f"{MAX_BYTES:,} bytes are read: cut it into shorter ones."
        )
    offset = content.find(HEADER, 0, MAX_OFFSET)
    if offset < 0:
        raise UserError(
            f"{name} is not a MIDI file{_format_of(content)}: export it as "
            "a Standard MIDI File (.mid)."
        )
    start = offset + CHUNK_HEADER
    if len(content) < start + HEADER_SIZE:
        raise UserError(
            f"{name} is cut off after {len(content)} bytes, within its header: "
            "get a complete copy."
        )
    size, kind, count, division = struct.unpack_from(
        ">IHHh", content, offset + 4
    )
    _check_division(division, name)
    warnings = []
    if offset and content[:4] != b"RIFF":
        warnings.append(f"{offset} bytes before the header are skipped")
    if kind > 2:
        warnings.append(f"its kind is {kind}, not 0, 1 or 2; 1 is assumed")
        kind = 1
    first = start + max(size, HEADER_SIZE)
    if not _is_chunk(content, first):
        first = start + HEADER_SIZE
    tracks = _tracks(content, first)
    if len(tracks) != count:
        warnings.append(
            f"its header states {count} tracks, it has {len(tracks)}"
        )
    return Chunks(kind, division, tracks, warnings)


def _format_of(content):
    for start, kind in OTHER_FORMATS.items():
        if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(start):
            return f", but {kind}"
    return ""


def _check_division(division, name):
    if division == 0 or division < 0 and division % 256 == 0:
        raise UserError(
            f"The header of {name} states 0 ticks a "
            f"{'frame' if division else 'quarter note'}, so that no note has "
            "a time: export the file again from a sequencer."
        )


def _tracks(content, offset):
    """Returns the tracks from the first chunk on."""
    tracks = []
    while offset < len(content):
        if not _is_chunk(content, offset):
            offset = content.find(TRACK, offset)
            if offset < 0 or not _is_chunk(content, offset):
                break
        start = offset + CHUNK_HEADER
        (size,) = struct.unpack_from(">I", content, offset + 4)
        stated = offset_after = start + size
        if content[offset : offset + 4] == TRACK:
            if stated != len(content) and not _is_chunk(content, stated):
                after = content.find(TRACK, start)
                offset_after = len(content) if after < 0 else after
            tracks.append(Track(start, offset_after, stated))
        offset = offset_after
    return tracks


def _is_chunk(content, offset):
    """Returns whether a chunk starts at an offset.

    Events may look like the name of a chunk, but hardly like one whose size
    fits. The size of a track may be wrong.
    """
    name = content[offset : offset + 4]
    if len(content) < offset + CHUNK_HEADER:
        return False
    if name == TRACK:
        return True
    (size,) = struct.unpack_from(">I", content, offset + 4)
    is_name = all(32 <= code < 127 for code in name)
    return is_name and offset + CHUNK_HEADER + size <= len(content)
