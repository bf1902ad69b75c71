"""The labels of a file of your own: positive and negative, or any names."""

import collections

from apps.sentiment.data import examples
from common.data import splits

MINIMUM = 2  # Training texts of a class; fewer are taken for a mistake.
LISTED = 10  # Labels that the line on standard error lists.


class OwnLabels:
    """Decodes labels as the whole file uses them.

    If all of them are those of `examples.LABELS`, they are 0 or 1. Otherwise
    they are names, in their first spelling where upper and lower case differ.
    """

    def __init__(self):
        self._names = {}  # By the label in lower case.
        self._training_texts = collections.Counter()
        self._is_named = False

    def survey(self, rows):
        """Reads the labels of all rows; returns a clause that counts them."""
        counts = collections.Counter()
        for row in rows:
            key = row["label"].lower()
            if not key:
                continue
            self._names.setdefault(key, row["label"])
            counts[key] += 1
            if splits.by_hash(row["text"]) == "train":
                self._training_texts[key] += 1
        self._is_named = not set(examples.LABELS).issuperset(
            key for key in counts if self._training_texts[key] >= MINIMUM
        )
        listed = counts
        if len(counts) > LISTED:
            listed = dict(counts.most_common(LISTED))
        parts = [f"{self._names[k]} {listed[k]:,}" for k in sorted(listed)]
        if len(counts) > LISTED:
            parts.append(f"… {len(counts):,} in all")
        return f"labels {', '.join(parts)}" if parts else ""

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
        if not self._is_named or count < MINIMUM:
            raise ValueError(
                f"the label {label[:20]!r} has {count} training text"
                f"{'' if count == 1 else 's'}, fewer than {MINIMUM}"
            )
        return self._names[key]
