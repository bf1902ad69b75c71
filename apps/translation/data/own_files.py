"""Sentences and translations in files of your own."""

import functools
import pathlib

from apps.translation.data import parallel_text
from apps.translation.data import sentence_pairs
from common.data import archives
from common.data import splits
from common.errors import UserError


class OwnFiles(sentence_pairs.SentencePairs):
    """A file of rows source<TAB>translation, or two files line by line.

    Split 80/10/10 by the source sentence.
    """

    name = "MINE.tsv"
    help = (
        "Your own sentences: rows source<TAB>translation, or two files "
        "MINE.en,MINE.de with a sentence per line."
    )
    license = "files of the user's own."

    @classmethod
    def matches(cls, value):
        return value.endswith((".tsv", ".tsv.gz")) or "," in value

    def sentences(self, split):
        return self._splits[split]

    @functools.cached_property
    def _splits(self):
        return parallel_text.split_by_source(self._read(), splits.by_hash)

    def _read(self):
        paths = [pathlib.Path(p) for p in self.config.dataset.split(",")]
        if len(paths) > 2:
            raise UserError(
                f"--dataset={self.config.dataset}: name one file, or two "
                "separated by a comma."
            )
        if len(paths) == 2:
            return parallel_text.read_files(*paths, self.bad_records)
        content = archives.read_file(*paths)
        return parallel_text.read_columns(content, *paths, self.bad_records)
