"""Pictures of your own, listed in a table."""

import functools
import hashlib
import pathlib

from apps.captioning.data import caption_dataset
from common.data import file_names
from common.data import own_tables
from common.data import splits
from common.data import tables

FIELDS = {
    "file": ("image", "image_name", "filename", "file_name", "picture", "path"),
    "caption": ("comment", "text", "description", "captions", "raw"),
}


class OwnFile(caption_dataset.CaptionDataset):
    """A table with a picture and a caption in each row.

    Split 80/10/10 by the content of the pictures, so that two files with the
    same content are in the same split.
    """

    name = "MINE.tsv"
    help = (
        "Your own pictures: rows file<TAB>caption (.tsv, .csv, .jsonl, .txt, "
        "also .gz); a picture may have several rows."
    )
    license = "files of the user's own."
    files = (
        "the pictures, if they are not in the folder of the table; the names "
        "in it are relative."
    )

    @classmethod
    def matches(cls, value):
        return tables.is_table(value) or value.endswith(".txt")

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
        splits.require_all(pictures, self.config.dataset, "pictures")
        return pictures

    def _listed(self):
        """Returns the pictures that the table names, and their captions."""
        table = pathlib.Path(self.config.dataset)
        folder = pathlib.Path(self.config.data_dir or table.parent)
        rows = own_tables.read(
            table,
            FIELDS,
            self.bad_records,
            decode=lambda row: (
                file_names.path_within(folder, row["file"]),
                row["caption"],
            ),
            encoding=self.config.encoding,
            columns=self.config.columns,
        )
        captions_of = {}
        for path, caption in rows:
            captions_of.setdefault(path, []).append(caption)
        return list(captions_of.items())
