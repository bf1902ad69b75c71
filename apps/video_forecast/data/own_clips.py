"""Clips of your own: the video files of a folder."""

import functools
import hashlib
import os
import pathlib

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
        windows = self._windows[split]
        return self.of_windows(windows.__getitem__, len(windows))

    @functools.cached_property
    def _windows(self):
        """Windows by split, each uint8 (time, size, size, 3)."""
        config = self.config
        length = config.context + config.horizon
        windows = {"train": [], "valid": [], "test": []}
        records = [
            (name, 1, name) for name in files.expand_folders([config.dataset])
        ]
        for content, frames in self.bad_records.readable(records, self._read):
            split = splits.by_hash(hashlib.sha256(content).hexdigest())
            starts = range(0, len(frames) - length + 1, config.horizon)
            windows[split] += [frames[t : t + length] for t in starts]
        if not any(windows.values()):
            raise UserError(
                f"No clip in {config.dataset} has {length} frames: use a "
                "smaller --context or --horizon."
            )
        splits.require_all(windows, config.dataset, "windows")
        return windows

    def _read(self, name):
        """Returns the content of a clip, and its frames.

        Raises:
          ValueError: It cannot be read.
        """
        from common.video import decode

        size = self.config.frame_size
        try:
            content = files.read(pathlib.Path(name), size).content
        except UserError as error:
            raise ValueError(str(error)) from error
        return content, decode.read_one(content, size)[0]
