"""The labels of files of your own: positive and negative, or any names."""

import collections

from apps.sentiment.data import examples

MINIMUM = 2  # Training texts of a class; fewer are taken for a mistake.
LISTED = 10  # Labels that the line on standard error lists.


class OwnLabels:
    """Decodes labels as the training texts use them.

    If all of them are those of `examples.LABELS`, they are 0 or 1. Otherwise
    they are names, in their first spelling where upper and lower case differ.
    Of other data without training texts, all labels are taken.

    Args:
      own_splits: Divides the texts.
    """

    def __init__(self, own_splits):
        self._splits = own_splits
        self._names = {}  # By the label in lower case.
        self._training_texts = collections.Counter()
        self._minimum = MINIMUM
        self._is_named = None  # Before the first file.

    def survey(self, rows):
        """Reads the labels of a file; returns a clause that counts them.

        The first file is that of the training texts.
        """
        rows = [row for row in rows if row["label"]]
        for row in rows:
            self._names.setdefault(row["label"].lower(), row["label"])
        if self._is_named is None:
            self._learn(rows)
        counts = collections.Counter(row["label"].lower() for row in rows)
        listed = counts
        if len(counts) > LISTED:
            listed = dict(counts.most_common(LISTED))
        parts = [f"{self._names[k]} {listed[k]:,}" for k in sorted(listed)]
        if len(counts) > LISTED:
            parts.append(f"… {len(counts):,} in all")
        return f"labels {', '.join(parts)}" if parts else ""

    def _learn(self, rows):
        """Counts the training texts of each label, and decides on names."""
        named = [row.get("split", "") for row in rows]
        splits = self._splits.assign(named, [row["text"] for row in rows])
        learned = "train" if "train" in splits else "test"
        if learned == "test":
            self._minimum = 1
        self._training_texts.update(
            row["label"].lower()
            for row, split in zip(rows, splits)
            if split == learned
        )
        self._is_named = not set(examples.LABELS).issuperset(
            key for key, n in self._training_texts.items() if n >= self._minimum
        )

    def decode(self, label):
        """Returns 0, 1 or the name of a class.

        Raises:
          ValueError: It is empty, or too few training texts have it.
        """
        key = label.lower()
        if not key:
            raise ValueError("no label")
        if not self._is_named and key in examples.LABELS:
            return examples.LABELS[key]
        count = self._training_texts[key]
        if not self._is_named or count < self._minimum:
            raise ValueError(
                f"the label {label[:20]!r} has {count} training text"
                f"{'' if count == 1 else 's'}, fewer than {self._minimum}"
            )
        return self._names[key]
