"""UCF-101: clips of 101 human actions, in the folders of their classes."""

import functools
import importlib.util
import pathlib
import re

from apps.video.data import clips
from common.data import archives
from common.errors import UserError

LISTS = "ucfTrainTestlist"
CLIPS = ("UCF-101", "UCF101", "")
NAME = re.compile(r"(\w+)/(v_\w+_g(\d+)_c\d+\.avi)")
VALIDATION_GROUPS = {24, 25}  # Of the groups 8 to 25 of the training list.
MAX_FRAMES = 300  # Of a clip: 12 seconds.


class UCF101(clips.LabeledClips):
    """13,320 clips in the first of the three published splits.

    The published lists have no validation split: it is two of the 18 groups of
    the training list. Clips of a group show the same scene.

    Reference: Soomro et al., UCF101: A Dataset of 101 Human Actions Classes
    From Videos in The Wild, 2012.
    """

    name = "ucf101"
    help = (
        "The 13,320 clips of Soomro et al. 2012, one action each; missing ones "
        "are skipped and counted."
    )
    license = (
        "UCF-101, Soomro et al. 2012 "
        "(https://www.crcv.ucf.edu/data/UCF101.php); for research only, the "
        "clips under the terms of their owners."
    )
    files = (
        "UCF-101/ with a folder for each class, and ucfTrainTestlist/ with "
        "trainlist01.txt and testlist01.txt."
    )

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self._clips = functools.cache(self._read_clips)

    def examples(self, split):
        return clips.examples(
            clips.Files(self._clips(split), self.config.image_size)
        )

    def clip_groups(self, split):
        return [
            clip.path.name.rpartition("_")[0] for clip in self._clips(split)
        ]

    def _read_clips(self, split):
        """Returns the readable clips of a split, with their labels.

        Each is read, since its frames must be counted.
        """
        records = [(str(path), 1, path) for path in self._paths[split]]
        read = functools.partial(_read, side=self.config.image_size)
        return list(self.bad_records.readable(records, read))

    @functools.cached_property
    def _paths(self):
        """The files of each split."""
        if not self.config.data_dir:
            raise UserError(
                "UCF-101 is not downloaded: get UCF101.rar and the train/test "
                "splits at https://www.crcv.ucf.edu/data/UCF101.php, unpack "
                "them, and pass their folder as --data_dir."
            )
        if not importlib.util.find_spec("av"):
            raise UserError(
                "The clips of UCF-101 are AVI files, and PyAV, which reads "
                "them, is absent: run `pip install 'av~=18.1'` (the extra "
                "`video`)."
            )
        training = self._listed("trainlist01.txt")
        return {
            "train": [c for c in training if not _is_validation(c)],
            "valid": [c for c in training if _is_validation(c)],
            "test": self._listed("testlist01.txt"),
        }

    def _listed(self, name):
        """Returns the paths of the clips of a list that exist."""
        path = pathlib.Path(self.config.data_dir, LISTS, name)
        text = archives.read_file(path).decode(errors="replace")
        lines = text.splitlines()
        records = [
            (str(path), number, line)
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
        matches = list(self.bad_records.readable(records, _parsed))
        listed = []
        for match in matches:
            clip = self._path(match)
            if clip:
                listed.append(clip)
            else:
                self.bad_records.absent(match[0], 1)
        if matches and not listed:
            raise UserError(
                f"None of the {len(matches):,} clips of {path} exists, e.g. "
                f"{matches[0][0]}: --data_dir takes the folder of UCF-101/ and "
                f"{LISTS}/."
            )
        return listed

    def _path(self, match):
        folders = [pathlib.Path(self.config.data_dir, name) for name in CLIPS]
        paths = [folder / match[1] / match[2] for folder in folders]
        return next((path for path in paths if path.is_file()), None)


def _read(path, side):
    """Returns the clip of a file; its frames have the label of its folder.

    Raises:
      ValueError: It cannot be read.
    """
    _, ends = clips.read(path, side)
    frames = min(MAX_FRAMES, len(ends))
    return clips.Listed(path, [path.parent.name] * frames)


def _parsed(line):
    """Returns the match of a line of a list.

    Raises:
      ValueError: It is not a line such as "Class/v_Class_g01_c01.avi 1".
    """
    match = NAME.fullmatch(line.split()[0])
    if not match:
        raise ValueError(f"{line[:60]!r} is not Class/v_Class_g01_c01.avi")
    return match


def _is_validation(path):
    return int(NAME.fullmatch(f"{path.parent.name}/{path.name}")[3]) in (
        VALIDATION_GROUPS
    )
