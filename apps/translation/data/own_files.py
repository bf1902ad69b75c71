"""Sentences and translations in files of your own."""

import pathlib
import re

from apps.translation.data import parallel_text
from apps.translation.data import sentence_pairs
from common.data import own_splits
from common.data import own_tables
from common.data import tables
from common.errors import UserError

FIELDS = {
    "source": ("src", "source_text", "text", "sentence", "input"),
    "target": ("tgt", "target_text", "translation", "output"),
}
# First rows that name two languages, as `en<TAB>de` or `English,German`.
LANGUAGES = re.compile(
    r"(ar|bg|cs|da|de|deu|el|en|eng|es|et|fi|fr|fra|ger|he|hi|hr|hu|id|it|ita"
    r"|ja|jpn|ko|lt|lv|nl|no|pl|por|pt|ro|ru|rus|sk|sl|spa|sr|sv|tr|uk|vi|zh"
    r"|arabic|chinese|czech|danish|dutch|english|finnish|french|german|greek"
    r"|hindi|hungarian|italian|japanese|korean|norwegian|polish|portuguese"
    r"|romanian|russian|spanish|swedish|turkish|ukrainian|vietnamese)"
    r"([-_][a-z]+)?",
    re.IGNORECASE,
)


class OwnFiles(sentence_pairs.SentencePairs):
    """A table of sentences and translations, or two files line by line.

    Split 80/10/10 by the source sentence.
    """

    name = "MINE.tsv"
    help = (
        "Your own sentences: rows source<TAB>translation (.tsv, .csv, .jsonl), "
        "or two files MINE.en,MINE.de with a sentence per line; also .gz."
    )
    license = "files of the user's own."

    @classmethod
    def matches(cls, value):
        return tables.is_table(value) or "," in value

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config,
            self._read,
            lambda pair: pair[0],
            "sentences",
            divide=parallel_text.split_by_source,
        )

    def sentences(self, split):
        return self.splits.examples(split)

    def _read(self, names):
        """Yields splits and pairs of a table, or of two files."""
        paths = [pathlib.Path(name) for name in names.split(",")]
        if len(paths) > 2:
            raise UserError(
                f"{names}: name one file, or two separated by a comma."
            )
        if len(paths) == 2:
            pairs = parallel_text.read_files(
                *paths, self.bad_records, self.config.encoding
            )
            return (("", pair) for pair in pairs)
        return own_tables.read(
            *paths,
            FIELDS,
            self.bad_records,
            decode=lambda row: parallel_text.checked(
                [row["source"], row["target"]]
            ),
            encoding=self.config.encoding,
            columns=self.config.columns,
            is_header=_names_languages,
        )


def _names_languages(cells):
    return all(LANGUAGES.fullmatch(cell) for cell in cells)
