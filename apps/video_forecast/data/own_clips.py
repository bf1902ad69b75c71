"""Clips of your own: the video files of a folder."""

import functools
import os
import pathlib
import random
import sys

from apps.video_forecast.data import clip_dataset
from common.data import splits
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

    def examples(self, split):
        windows = [window for window, _ in self._windows[split]]
        return self.of_windows(windows.__getitem__, len(windows))

    def clip_numbers(self, split):
        return [number for _, number in self._windows[split]]

    @functools.cached_property
    def _windows(self):
        """Pairs of window and number of its clip, by split.

        A window is uint8 (time, size, size, 3).
        """
        config = self.config
        length = config.context + config.horizon
        windows = {"train": [], "valid": [], "test": []}
        names = files.expand_folder(config.dataset)
        records = [(name, 1, name) for name in names]
        clips = self.bad_records.readable(records, self._read)
        short = 0
        for number, (digest, frames) in enumerate(clips):
            starts = range(0, len(frames) - length + 1, config.horizon)
            short += not starts
            windows[splits.by_hash(digest)] += [
                (frames[t : t + length], number) for t in starts
            ]
        self._report_short(short, len(names), length)
        splits.require_all(windows, config.dataset, "windows")
        # Neighboring windows are alike, and training shuffles within a buffer.
        random.Random(0).shuffle(windows["train"])
        return windows

    def _report_short(self, short, total, length):
        """Says how many clips are too short, unless there are none.

        Raises:
          UserError: All are.
        """
        remedy = "use a smaller --context or --horizon."
        if short == total:
            raise UserError(
                f"No clip in {self.config.dataset} has {length} frames: "
                f"{remedy}"
            )
        if short:
            print(
                f"{self.config.dataset}: left out {short:,} of {total:,} clips,"
                f" which have fewer than {length} frames: {remedy}",
                file=sys.stderr,
            )

    def _read(self, name):
        """Returns the digest of a clip, and its frames.

        Raises:
          ValueError: It cannot be read.
        """
        from common.video import decode

        path, size = pathlib.Path(name), self.config.frame_size
        content = files.read_record(path, size).content
        return files.digest(path), decode.read_one(content, size)[0]
