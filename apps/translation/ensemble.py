"""Several translators that decide together on each token."""

import keras
import tensorflow as tf

from apps.translation import translating
from common.errors import UserError


class Ensemble(translating.Translating, keras.Model):
    """Takes the mean of the probabilities that translators give.

    Args:
      translators: list of models of the same vocabularies, as runs with
        different seeds have them.

    Raises:
      UserError: they have not.
    """

    def __init__(self, translators, **kwargs):
        super().__init__(**kwargs)
        first = translators[0]
        for other in translators[1:]:
            for name in ("source", "target"):
                if getattr(first, name).tokens != getattr(other, name).tokens:
                    raise UserError(
                        "--ensemble: the runs have other tokens; use runs of "
                        "the same data set, --tokens and --vocabulary_size."
                    )
        self.translators = translators
        self.source, self.target = first.source, first.target
        self.max_tokens = min(model.max_tokens for model in translators)
        self.built = True

    def start(self, tokens, width):
        steps, states = zip(*[m.start(tokens, width) for m in self.translators])

        def step(tokens, states):
            logits, states, traces = zip(
                *[step(tokens, own) for step, own in zip(steps, states)]
            )
            logs = [tf.nn.log_softmax(each) for each in logits]
            mean = sum(traces) / len(traces)
            return _mean(logs), states, mean

        return step, states

    def log_probabilities(self, source, target):
        return _mean(
            [m.log_probabilities(source, target) for m in self.translators]
        )


def _mean(logs):
    """Returns the logarithm of the mean of probabilities."""
    return keras.ops.logsumexp(keras.ops.stack(logs), 0) - keras.ops.log(
        float(len(logs))
    )
