"""Data sets of sentences and their translations."""

import abc
from collections.abc import Callable

from common.data import dataset
from common.errors import UserError


class SentencePairs(dataset.Dataset):
    """A data set of pairs ({"text": source}, {"translation": target}).

    Attributes:
      pairs: The values of --pair that it has; empty if --pair does not matter.
      numbers: Returns the numbers and dates of a target in their order; None
        where no program can tell.
    """

    pairs: tuple[str, ...] = ()
    numbers: Callable[[str], list[str]] | None = None

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self._examples = {}

    @property
    def languages(self):
        """Codes of the two languages; none of a file of the user's own."""
        return tuple(self.config.pair.split("-")) if self.pairs else ()

    @abc.abstractmethod
    def sentences(self, split):
        """Returns the pairs (source, target) of a split, each a string."""

    def examples(self, split):
        if split not in self._examples:
            self._examples[split] = _tensors(self._checked_sentences(split))
        return self._examples[split]

    def _checked_sentences(self, split):
        pair = self.config.pair
        if self.pairs and pair not in self.pairs:
            raise UserError(
                f"--pair={pair} is not in {self.name}: use "
                f"{', '.join(self.pairs)}."
            )
        return self.sentences(split)


def _tensors(pairs):
    import tensorflow as tf

    sources, targets = zip(*pairs) if pairs else ((), ())
    return tf.data.Dataset.from_tensor_slices(
        (
            {"text": tf.constant(sources, tf.string)},
            {"translation": tf.constant(targets, tf.string)},
        )
    )
