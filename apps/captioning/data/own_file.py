"""Pictures of your own, listed in a table."""

import codecs
import functools
import hashlib
import pathlib

from apps.captioning.data import caption_dataset
from common.data import archives
from common.data import splits


class OwnFile(caption_dataset.CaptionDataset):
    """A picture and a caption per line: `file<TAB>caption`.

    Split 80/10/10 by the content of the pictures, so that two files with the
    same content are in the same split.
    """

    name = "MINE.tsv"
    help = (
        "Your own pictures: rows file<TAB>caption; a picture may have several "
        "rows."
    )
    license = "files of the user's own."
    files = (
        "the pictures, if they are not in the folder of the table; the names "
        "in it are relative."
    )

    @classmethod
    def matches(cls, value):
        return value.endswith(".tsv")

    def examples(self, split):
        return caption_dataset.of_files(self._pictures[split])

    @functools.cached_property
    def _pictures(self):
        """Pairs of path and captions by split."""
        pictures = {"train": [], "valid": [], "test": []}
        for path, captions, content in caption_dataset.readable(
            self._listed(), self.config.dataset, self.bad_records
        ):
            digest = hashlib.sha256(content).hexdigest()
            pictures[splits.by_hash(digest)].append((path, captions))
        return pictures

    def _listed(self):
        """Returns the pictures that the table names, and their captions."""
        table = pathlib.Path(self.config.dataset)
        folder = pathlib.Path(self.config.data_dir or table.parent)
        content = archives.read_file(table).removeprefix(codecs.BOM_UTF8)
        records = (
            (str(table), number, line)
            for number, line in enumerate(content.split(b"\n"), 1)
            if line.strip()
        )
        captions_of = {}
        for name, caption in self.bad_records.readable(records, _decode_row):
            captions_of.setdefault(folder / name, []).append(caption)
        return list(captions_of.items())


def _decode_row(line):
    """Returns the name of a file, and a caption."""
    name, tab, caption = line.decode().partition("\t")
    if not (name.strip() and tab):
        raise ValueError(f"{line[:60]!r} is not file<tab>caption")
    return name.strip(), caption
