"""Several translators that vote on each token."""

import keras
import tensorflow as tf

from apps.translation.model import serving
from common import app_model
from common.errors import UserError
from common.generation import text_generator


class Ensemble(keras.Model):
    """Translates with the mean of the probabilities of several translators.

    Args:
      translators: List of `Translator`s of the same vocabularies, e.g. of runs
        with different seeds.

    Raises:
      UserError: The vocabularies differ.
    """

    def __init__(self, translators, **kwargs):
        super().__init__(**kwargs)
        first = translators[0]
        for other in translators[1:]:
            if (
                first.source.tokens != other.source.tokens
                or first.target.tokens != other.target.tokens
            ):
                raise UserError(
                    "--ensemble: the vocabularies of the runs differ; use runs "
                    "of the same data set, --tokenizer and --vocabulary_size."
                )
        self.translators = translators
        self.generator = text_generator.TextGenerator(
            first.target,
            min(t.generator.max_tokens for t in translators),
            self.start_decoding,
            serving.content_places,
        )
        self.serving = serving.Serving(
            first.source, self.generator, self.log_probabilities
        )
        self.built = True

    def start_decoding(self, tokens, width):
        """See `text_generator.Start`."""
        steps, states = zip(
            *[t.start_decoding(tokens, width) for t in self.translators]
        )

        def step(tokens, states):
            logits, states, alignments = zip(
                *[step(tokens, state) for step, state in zip(steps, states)]
            )
            logs = [tf.nn.log_softmax(each) for each in logits]
            return _mean(logs), states, sum(alignments) / len(alignments)

        return step, states

    def log_probabilities(self, source, target):
        """See `serving.Serving`."""
        return _mean(
            [t.log_probabilities(source, target) for t in self.translators]
        )

    def with_decoding(self, config):
        """See `AppModel.with_decoding`."""
        self.generator.configure(
            app_model.arguments_from(text_generator.DecodingOptions, config)
        )
        return self

    @property
    def serve(self):
        """See `serving.Serving.translate`."""
        return self.serving.translate

    def signatures(self):
        """See `serving.Serving`."""
        return self.serving.signatures()

    def count_unknown(self, text):
        """See `Translator`; all members have the same training sources."""
        return self.translators[0].count_unknown(text)

    def assess(self, x, y):
        """See `serving.Serving.assess`."""
        return self.serving.assess(x, y)


def _mean(logs):
    """Returns the logarithm of the mean of probabilities."""
    return keras.ops.logsumexp(keras.ops.stack(logs), 0) - keras.ops.log(
        float(len(logs))
    )
