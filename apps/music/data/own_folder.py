"""MIDI files of your own, in a folder."""

import hashlib
import os
import pathlib
import sys

from apps.music.data import pieces
from common.data import own_splits
from common.data import splits
from common.errors import UserError

ENDINGS = (".mid", ".midi")
MAX_BYTES = 2**24  # Of a file.
# Frames of a piece, 4 minutes of sixteenths: batches are padded.
LONGEST = 2048


class OwnFolder(pieces.PieceDataset):
    """The MIDI files of a folder and of the folders in it.

    Files in folders with the names train, valid and test are of these splits;
    else, they are split 80/10/10 by their content. Long files are divided into
    pieces of 2,048 frames, all of the same split. With --network=voices, at
    most four notes sound at once.
    """

    name = "FOLDER"
    help = (
        "Your own music: a folder of .mid files, also in folders train/, "
        "valid/ and test/; --frames_per_beat sets the frames."
    )
    license = "files of the user's own."
    has_voices = True

    @classmethod
    def matches(cls, value):
        return os.path.isdir(value)

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read, lambda file: file[0], "files"
        )

    @property
    def frames_per_beat(self):
        return self.config.frames_per_beat

    def read_pieces(self, split):
        return [
            piece[start : start + LONGEST]
            for _, piece in self.splits.examples(split)
            # A last frame alone follows no other one.
            for start in range(0, len(piece) - 1, LONGEST)
        ]

    def _read(self, folder):
        """Yields the split that a folder names, and digest and piece."""
        root = pathlib.Path(folder)
        paths = sorted(
            path
            for path in root.rglob("*")
            if path.suffix.lower() in ENDINGS
            and not path.name.startswith(".")
            and path.is_file()
        )
        if not paths:
            raise UserError(
                f"{folder} has no files that end in {' or '.join(ENDINGS)}: "
                "name a folder with music, or a data set."
            )
        odd = []
        records = [(str(path), 1, path) for path in paths]
        for path, *example, warnings in self.bad_records.readable(
            records, self._decode
        ):
            odd += warnings[:1]
            yield _split(path.relative_to(root)), tuple(example)
        if odd:
            print(
                f"{folder}: {len(odd):,} of {len(paths):,} files are odd, and "
                f"read as well as possible. {odd[0]}",
                file=sys.stderr,
            )

    def _decode(self, path):
        """Returns path, digest and piece of a file, and what is odd about it.

        Raises:
          ValueError: It cannot be read.
        """
        from apps.music.data.midi import quantization
        from apps.music.data.midi import reader

        quantize = (
            quantization.voices if self.uses_voices else quantization.roll
        )
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError(f"has more than {MAX_BYTES:,} bytes")
            content = path.read_bytes()
            notes = reader.read(content, str(path))
            piece = quantize(notes, self.frames_per_beat)
        except UserError as error:
            reason = str(error).removeprefix(f"{path} ").removesuffix(".")
            raise ValueError(reason) from error
        except OSError as error:
            raise ValueError(error.strerror) from error
        if len(piece) < 2:
            raise ValueError("has a single frame")
        return path, hashlib.sha256(content).hexdigest(), piece, notes.warnings


def _split(path):
    """Returns the split that a folder of a relative path names; else ""."""
    return splits.NAMES.get(path.parts[0].lower(), "") * (len(path.parts) > 1)
