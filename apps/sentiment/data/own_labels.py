"""The labels of files of your own: positive and negative, or any names."""

import collections

from apps.sentiment.data import examples
from common.errors import UserError

MINIMUM = 2  # Training texts of a class; fewer are taken for a mistake.
LISTED = 10  # Labels that the line on standard error lists.


class OwnLabels:
    """Decodes labels as the training texts use them.

    If all of them are those of `examples.LABELS`, they are 0 or 1. Otherwise,
    and with a separator, they are names, in their first spelling where upper
    and lower case differ. Of other data without training texts, all labels
    are taken.

    Args:
      own_splits: Divides the texts.
      separator: Between the labels of a text; empty if a text has one.
    """

    def __init__(self, own_splits, separator=""):
        self._splits, self._separator = own_splits, separator
        self._names = {}  # By the label in lower case.
        self._training_texts = collections.Counter()
        self._minimum = MINIMUM
        self._is_named = None  # Before the first file.

    def survey(self, rows):
        """Reads the labels of a file; returns a clause that counts them.

        The first file is that of the training texts.

        Raises:
          UserError: None of the training texts has the separator.
        """
        if not self._separator:
            rows = [row for row in rows if row["label"]]
        labels = [self._labels(row["label"]) for row in rows]
        for label in (label for of_text in labels for label in of_text):
            self._names.setdefault(label.lower(), label)
        if self._is_named is None:
            self._learn(rows, labels)
        counts = _texts_with(labels)
        listed = counts
        if len(counts) > LISTED:
            listed = dict(counts.most_common(LISTED))
        parts = [f"{self._names[k]} {listed[k]:,}" for k in sorted(listed)]
        if len(counts) > LISTED:
            parts.append(f"… {len(counts):,} in all")
        if self._separator and [] in labels:
            parts.append(f"no label {labels.count([]):,}")
        return f"labels {', '.join(parts)}" if parts else ""

    def _labels(self, cell):
        """Returns the labels of a text."""
        cells = cell.split(self._separator) if self._separator else [cell]
        return [label for label in map(str.strip, cells) if label]

    def _learn(self, rows, labels):
        """Counts the training texts of each label, and decides on names."""
        named = [row.get("split", "") for row in rows]
        splits = self._splits.assign(named, [row["text"] for row in rows])
        learned = "train" if "train" in splits else "test"
        if learned == "test":
            self._minimum = 1
        elif not any(self._separator in row["label"] for row in rows):
            raise UserError(
                f"--label_separator={self._separator} is in no label of "
                f"{self._splits.sources['train']}: correct it, leave it out "
                "for texts with one label each, or add a header label,text if "
                "it was taken for the separator of the columns."
            )
        self._training_texts = _texts_with(
            of_text
            for of_text, split in zip(labels, splits)
            if split == learned
        )
        self._is_named = bool(self._separator) or not set(
            examples.LABELS
        ).issuperset(
            key for key, n in self._training_texts.items() if n >= self._minimum
        )

    def decode(self, cell):
        """Returns 0, 1 or the name of a class.

        With a separator: the names of all classes, sorted and joined by it.

        Raises:
          ValueError: It is empty without a separator, or too few training
            texts have it.
        """
        labels = self._labels(cell)
        if self._separator:
            return self._separator.join(sorted(set(map(self._name, labels))))
        if not labels:
            raise ValueError("no label")
        (label,) = labels
        if not self._is_named and label.lower() in examples.LABELS:
            return examples.LABELS[label.lower()]
        return self._name(label)

    def require_training_texts(self, parts):
        """Refuses splits that leave a label without training texts.

        Args:
          parts: Decoded labels of the texts of each split.

        Raises:
          UserError: There is such a label.
        """
        labels = {
            split: {
                label for cell in cells for label in self._labels(str(cell))
            }
            for split, cells in parts.items()
        }
        unlearned = (labels["valid"] | labels["test"]) - labels["train"]
        if unlearned:
            raise UserError(
                f"{self._splits.sources['train']}: the division leaves no "
                f"training text with the label {min(unlearned)!r}: add texts "
                "with it, or remove it."
            )

    def _name(self, label):
        """Returns the spelling of a label that enough training texts have."""
        count = self._training_texts[label.lower()]
        if not self._is_named or count < self._minimum:
            raise ValueError(
                f"the label {label[:20]!r} has {count} training text"
                f"{'' if count == 1 else 's'}, fewer than {self._minimum}"
            )
        return self._names[label.lower()]


def _texts_with(labels):
    """Returns the number of texts with each label in lower case."""
    return collections.Counter(
        key
        for of_text in labels
        for key in {label.lower() for label in of_text}
    )
