"""Clips of your own: the video files of a folder."""

import os
import pathlib
import random
import sys

from apps.video_forecast.data import clip_dataset
from common.data import own_splits
from common.errors import UserError
from common.video import files


class OwnClips(clip_dataset.ClipDataset):
    """A folder of clips, each divided into windows.

    A window has as many frames as a context and its horizon together. Windows
    follow one another, each a horizon after the one before. Split 80/10/10 by
    the content of the clips: all windows of a clip are in the same split.
    """

    name = "FOLDER"
    help = (
        "Your own clips: a folder of GIF or .npy files, of folders of "
        "pictures, or of any video files with the extra [video]."
    )
    license = "files of the user's own."

    @classmethod
    def matches(cls, value):
        return os.path.isdir(value)

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read, lambda clip: clip[0], "clips"
        )

    def examples(self, split):
        windows = [window for window, _ in self._windows(split)]
        return self.of_windows(windows.__getitem__, len(windows))

    def clip_numbers(self, split):
        return [number for _, number in self._windows(split)]

    def _windows(self, split):
        """Returns pairs of window and number of its clip.

        A window is uint8 (time, size, size, 3).
        """
        length = self._length
        windows = [
            (frames[start : start + length], number)
            for _, number, frames in self.splits.examples(split)
            for start in range(0, len(frames) - length + 1, self.config.horizon)
        ]
        if split == "train":
            # Neighboring windows are alike, and training shuffles within a
            # buffer.
            random.Random(0).shuffle(windows)
        return windows

    @property
    def _length(self):
        return self.config.context + self.config.horizon

    def _read(self, folder):
        """Yields pairs of "", and the digest, number and frames of a clip."""
        names = files.expand_folder(folder)
        records = [(name, 1, name) for name in names]
        short = 0
        clips = self.bad_records.readable(records, self._decode)
        for number, (digest, frames) in enumerate(clips):
            if len(frames) < self._length:
                short += 1
            else:
                yield "", (digest, number, frames)
        self._report_short(folder, short, len(names))

    def _report_short(self, folder, short, total):
        """Says how many clips are too short, unless there are none.

        Raises:
          UserError: All are.
        """
        remedy = "use a smaller --context or --horizon."
        if short == total:
            raise UserError(
                f"No clip in {folder} has {self._length} frames: {remedy}"
            )
        if short:
            print(
                f"{folder}: left out {short:,} of {total:,} clips, which have "
                f"fewer than {self._length} frames: {remedy}",
                file=sys.stderr,
            )

    def _decode(self, name):
        """Returns the digest of a clip, and its frames.

        Raises:
          ValueError: It cannot be read.
        """
        from common.video import decode

        path, size = pathlib.Path(name), self.config.frame_size
        content = files.read_record(path, size).content
        return files.digest(path), decode.read_one(content, size)[0]
