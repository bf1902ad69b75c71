"""Labeled texts in a file of your own."""

import pathlib

from apps.sentiment.data import examples
from apps.sentiment.data import own_labels
from common.data import dataset
from common.data import own_splits
from common.data import own_tables
from common.data import splits
from common.data import tables

FIELDS = {
    "label": ("sentiment", "class", "category", "stars", "rating", "polarity"),
    "text": ("review", "sentence", "content", "comment", "tweet", "message"),
}


class OwnFile(dataset.Dataset):
    """A table with a text and its label in each row.

    Split 80/10/10 by the text itself, so that no text is in two splits.
    """

    name = "MINE.tsv"
    help = (
        "Your own texts (.tsv, .csv, .jsonl, also .gz): rows label<TAB>text, "
        "or a header that names the columns; labels 0/1, neg/pos, "
        "negative/positive, or any number of others, such as 1 to 5; several "
        "for a text with --label_separator."
    )
    license = "a file of the user's own."

    @classmethod
    def matches(cls, value):
        return tables.is_table(value)

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read, _text, "texts", self._divide
        )
        self._labels = own_labels.OwnLabels(self.splits, config.label_separator)

    def examples(self, split):
        rows = self.splits.examples(split)
        return examples.labeled(
            [text for text, _ in rows], [label for _, label in rows]
        )

    def _divide(self, rows, split_of):
        parts = splits.divided(rows, _text, split_of)
        labels = {
            split: [label for _, label in part] for split, part in parts.items()
        }
        self._labels.require_training_texts(labels)
        return parts

    def _read(self, path):
        """Yields splits and pairs of text and label."""
        return own_tables.read(
            pathlib.Path(path),
            FIELDS,
            self.bad_records,
            decode=lambda row: (row["text"], self._labels.decode(row["label"])),
            encoding=self.config.encoding,
            columns=self.config.columns,
            survey=self._labels.survey,
            numeric_labels=True,
        )


def _text(row):
    text, _ = row
    return text
