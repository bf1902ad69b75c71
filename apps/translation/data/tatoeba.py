"""Sentence pairs of Tatoeba, as selected by manythings.org."""

import functools
import hashlib
import pathlib

from apps.translation.data import parallel_text
from apps.translation.data import sentence_pairs
from common.data import archives
from common.data import text_files
from common.errors import UserError

PART = 50  # A fiftieth each for validation and test.


class Tatoeba(sentence_pairs.SentencePairs):
    """Short English sentences and their translations.

    Split 96/2/2 by the English sentence, since the data set has no splits.
    """

    name = "tatoeba"
    help = (
        "Short English sentences of tatoeba.org in French or German; --pair "
        "is eng-fra or eng-deu."
    )
    license = (
        "sentence pairs of https://tatoeba.org, as selected by "
        "https://www.manythings.org/anki/; CC BY 2.0 FR."
    )
    files = "fra-eng.zip or deu-eng.zip, or the unpacked fra.txt or deu.txt."
    pairs = ("eng-fra", "eng-deu")

    def sentences(self, split):
        return self._splits[split]

    @functools.cached_property
    def _splits(self):
        path = self._path()
        lines = text_files.lines(
            self._content(path).decode("utf-8", "surrogateescape")
        )
        records = (
            (str(path), number, line.split("\t"))
            for number, line in enumerate(lines, 1)
            if line.strip()
        )
        pairs = self.bad_records.readable(records, _pair)
        return parallel_text.split_by_source(pairs, _split_of)

    @property
    def _language(self):
        return self.config.pair.removeprefix("eng-")

    def _path(self):
        name = f"{self._language}-eng.zip"
        if not self.config.data_dir:
            raise UserError(
                f"{name} changes too often to be downloaded automatically: "
                "download it from https://www.manythings.org/anki/, and pass "
                "its folder as --data_dir."
            )
        folder = pathlib.Path(self.config.data_dir)
        for path in (folder / name, folder / f"{self._language}.txt"):
            if path.exists():
                return path
        raise UserError(
            f"No {name} in {folder}: --data_dir takes the folder that holds it."
        )

    def _content(self, path):
        if path.suffix != ".zip":
            return archives.read_file(path)
        name = rf"(?:.*/)?{self._language}\.txt"
        members = archives.read_members(path, name)
        content = b"".join(text for _, text in members)
        if not content:
            raise UserError(
                f"No {self._language}.txt in {path}: download it again."
            )
        return content


def _pair(cells):
    """Returns sentence and translation; the third column is the license."""
    if len(cells) < 2:
        raise ValueError(f"{cells[0][:60]!r} has no translation after a <tab>")
    return parallel_text.checked(cells[:2])


def _split_of(source):
    number = int.from_bytes(hashlib.sha256(source.encode()).digest()[:4])
    return {0: "test", 1: "valid"}.get(number % PART, "train")
