"""Pictures of your own, listed in a table."""

import hashlib
import pathlib

from apps.captioning.data import caption_dataset
from common.data import file_names
from common.data import own_splits
from common.data import own_tables
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

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read, lambda picture: picture[0], "pictures"
        )

    def examples(self, split):
        return caption_dataset.of_files(
            [listed for _, listed in self.splits.examples(split)]
        )

    def _read(self, table):
        """Yields splits, and pairs of a digest and a picture with captions."""
        split_of, captions_of = own_tables.grouped(
            own_tables.read_listed(
                table, FIELDS, self.config, self.bad_records, _row
            )
        )
        for path, captions, content in caption_dataset.readable(
            list(captions_of.items()), table, self.bad_records
        ):
            digest = hashlib.sha256(content).hexdigest()
            yield split_of[pathlib.Path(path)], (digest, (path, captions))


def _row(cells, folder):
    """Returns the path of a picture, and a caption.

    Raises:
      ValueError: The name is not that of a file.
    """
    return file_names.path_within(folder, cells["file"]), cells["caption"]
