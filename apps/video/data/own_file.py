"""Clips of your own, and a table of their segments."""

import functools
import math
from typing import NamedTuple

from apps.video.data import clips
from common.data import file_names
from common.data import own_splits
from common.data import own_tables
from common.data import tables
from common.video import files

FIELDS = {
    "file": ("video", "clip", "filename", "file_name", "path"),
    "start": ("begin", "from", "onset", "start_seconds"),
    "end": ("to", "stop", "until", "offset", "end_seconds"),
    "label": ("class", "action", "activity", "event"),
}


class Row(NamedTuple):
    """A labeled part of a clip, in seconds; None is the end of the clip."""

    start: float
    end: float | None
    label: str


class OwnFile(clips.LabeledClips):
    """A table with a file, the start and end of a segment, and its label.

    Split 80/10/10 by the content of the clips, so that two files with the same
    content are in the same split.
    """

    name = "MINE.tsv"
    help = (
        "Your own clips: rows file<TAB>start<TAB>end<TAB>label in seconds "
        "(.tsv, .csv, .jsonl, also .gz); frames without a row have the label "
        "none."
    )
    license = "files of the user's own."
    files = (
        "the clips, if they are not in the folder of the table; the names in "
        "it are relative."
    )

    @classmethod
    def matches(cls, value):
        return tables.is_table(value)

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read, lambda clip: clip[0], "clips"
        )

    def examples(self, split):
        listed = [clip for _, clip in self.splits.examples(split)]
        return clips.examples(clips.Files(listed, self.config.image_size))

    def _read(self, table):
        """Yields splits, and pairs of a digest and a clip with labels."""
        split_of, rows_of = own_tables.grouped(
            own_tables.read_listed(
                table, FIELDS, self.config, self.bad_records, _row
            )
        )
        records = []
        for path, rows in rows_of.items():
            if path.exists():
                records.append((str(path), 1, (path, rows)))
            else:
                self.bad_records.absent(str(path), 1)
        for clip in self.bad_records.readable(
            records, functools.partial(_read, side=self.config.image_size)
        ):
            yield split_of[clip[1][0]], clip


def _row(cells, folder):
    """Returns the path of a clip, and a row of the table.

    Raises:
      ValueError: A file or a number of it is not one.
    """
    start = _seconds(cells["start"] or "0", "start")
    end = _seconds(cells["end"], "end") if cells["end"] else None
    if end is not None and end <= start:
        raise ValueError(f"the end {end:g} is not after the start {start:g}")
    path = file_names.path_within(folder, cells["file"])
    return path, Row(start, end, cells["label"])


def _seconds(text, name):
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError(f"the {name} {text[:20]!r} is not a time in seconds")
    return seconds


def _read(clip, side):
    """Returns the digest of a clip, and its path and labels of frames.

    Raises:
      ValueError: It cannot be read, or a row covers none of its frames.
    """
    path, rows = clip
    _, ends = clips.read(path, side)
    labels = [clips.NO_LABEL] * len(ends)
    middles = [(a + b) / 2 for a, b in zip([0.0, *ends], ends)]
    for row in rows:  # Of overlapping rows, the last one counts.
        end = math.inf if row.end is None else row.end
        covered = [i for i, m in enumerate(middles) if row.start <= m < end]
        if not covered:
            raise ValueError(
                f"the row from {row.start:g} s covers no frame of a clip of "
                f"{ends[-1]:g} s"
            )
        for i in covered:
            labels[i] = row.label
    return files.digest(path), (path, labels)
