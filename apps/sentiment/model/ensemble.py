"""Several classifiers whose probabilities are averaged."""

import keras
import tensorflow as tf

from apps.sentiment.model import portable
from common.errors import UserError

# What the texts and the answers of all members must have in common.
SHARED = ("labels", "label_separator", "max_words")


class Ensemble(keras.Model):
    """Classifies texts by the mean of the probabilities of classifiers.

    Args:
      classifiers: List of `Classifier`s, e.g. one that reads forward and one
        that reads backward.

    Raises:
      UserError: Their labels or the numbers of words they read differ.
    """

    def __init__(self, classifiers, **kwargs):
        super().__init__(**kwargs)
        first = classifiers[0]
        for other in classifiers[1:]:
            for name in SHARED:
                values = [
                    getattr(model.arguments, name) for model in (first, other)
                ]
                if values[0] != values[1]:
                    raise UserError(
                        f"--ensemble: the {name} of the runs differ "
                        f"({values[0]} and {values[1]}); use runs of the same "
                        "data set and --max_words."
                    )
        self.classifiers = classifiers
        self.arguments, self.kind = first.arguments, first.kind
        self.built = True

    @tf.function(input_signature=[portable.TEXT], autograph=False)
    def serve(self, text):
        """See `Classifier.serve`."""
        logits = [classifier.logits(text) for classifier in self.classifiers]
        return self.kind.answers(self.kind.combined(tf.stack(logits)))

    def signatures(self):
        """See `AppModel.signatures`."""
        return {}

    def explain(self, text):
        """Returns the words of a text and their mean contributions.

        See `Classifier.explain`.
        """
        explained = [
            classifier.explain(text) for classifier in self.classifiers
        ]
        total = sum(answer["contributions"] for answer in explained)
        return {
            "words": explained[0]["words"],
            "contributions": total / len(explained),
        }

    @property
    def tokenize(self):
        """The tokenizer of the first classifier."""
        return self.classifiers[0].tokenize
