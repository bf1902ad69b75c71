"""From text to text: the signatures of a translator and of an ensemble."""

from collections.abc import Callable

import tensorflow as tf

from common.generation import text_generator
from common.text import byte_tokenizer

# Sources are padded to one of these lengths: oneDNN keeps a program for every
# shape that it has met.
LENGTHS = [16, 32, 64, 128, 256, 512, 1024]

TEXT = tf.TensorSpec([None], tf.string, "text")


class Serving:
    """Translates texts: tokenizes, generates, and joins the tokens.

    A part of a model, but not a layer; see `text_generator.TextGenerator`. Its
    functions need no AutoGraph, which takes seconds to convert them.

    Args:
      source: Tokenizer of the source texts.
      generator: Generates translations from source tokens, int32 (batch,
        places), that include the end mark.
      log_probabilities: Maps source tokens, as above, and target tokens (batch,
        steps) between start and end marks to the log probabilities of the
        target tokens, (batch, steps - 1).
    """

    def __init__(
        self,
        source: byte_tokenizer.ByteTokenizer,
        generator: text_generator.TextGenerator,
        log_probabilities: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    ):
        self.source, self.generator = source, generator
        self._log_probabilities = log_probabilities

    @tf.function(input_signature=[TEXT], autograph=False)
    def source_tokens(self, text):  # (batch,) -> ragged (batch, places)
        """Returns the tokens of source texts and the end mark."""
        max_tokens = self.generator.max_tokens
        ids = self.source(tf.strings.strip(text))[:, :max_tokens]
        end = text_generator.marks(ids, byte_tokenizer.END)
        return tf.concat([ids, end], 1)

    @tf.function(input_signature=[TEXT], autograph=False)
    def translate(self, text):
        """Returns the translation of each text, and its log probability."""
        return self._first(self.generator.best(*self._encoded(text)))

    @tf.function(
        input_signature=[TEXT, tf.TensorSpec([], tf.int32, "beam_width")],
        autograph=False,
    )
    def alternatives(self, text, beam_width):
        """Returns the best translations of each text, the best first.

        Their scores are log probabilities, divided by the length penalty;
        below -1e30 where there are no more translations. Their tokens and the
        tokens of the text come with alignments: the attention of each of the
        former to each of the latter.
        """
        tokens, limits = self._encoded(text)
        decoded = self.generator.search(tokens, limits, beam_width)
        tokenizer = self.generator.tokenizer
        return {
            "translations": tokenizer.join(decoded.tokens),
            "scores": decoded.score,
            "tokens": tokenizer.strings(decoded.tokens),
            "source_tokens": self.source.strings(tokens),
            "alignments": decoded.trace,
        }

    @tf.function(
        input_signature=[
            TEXT,
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.int32, "top_k"),
            tf.TensorSpec([], tf.float32, "top_p"),
            tf.TensorSpec([], tf.int32, "seed"),
        ],
        autograph=False,
    )
    def sample(self, text, temperature, top_k, top_p, seed):
        """Returns a random translation of each text, and its log probability.

        It depends on the text and the seed alone.
        """
        seeds = text_generator.seeds_of(text, seed)
        return self._first(
            self.generator.sample(
                *self._encoded(text), seeds, temperature, top_k, top_p
            )
        )

    @tf.function(
        input_signature=[
            {"text": tf.TensorSpec([None], tf.string)},
            {"translation": tf.TensorSpec([None], tf.string)},
        ],
        autograph=False,
    )
    def assess(self, x, y):
        """Returns log probability and number of tokens of each target."""
        target = self.generator.tokens(y["translation"]).to_tensor()
        source, _ = self._encoded(x["text"])
        is_token = tf.cast(target[:, 1:] > 0, tf.float32)
        logs = self._log_probabilities(source, target) * is_token
        return {
            "log_probability": tf.reduce_sum(logs, 1),
            "tokens": tf.reduce_sum(is_token, 1),
        }

    def signatures(self):
        """Returns the signatures besides `translate`, by name."""
        return {"alternatives": self.alternatives, "sample": self.sample}

    def _encoded(self, text):
        """Returns source tokens, and the maximum lengths of translations."""
        ids = self.source_tokens(text)
        lengths = tf.cast(ids.row_lengths(), tf.int32) - 1
        tokens = ids.to_tensor()
        longest = tf.shape(tokens)[1]
        padded = tf.gather(LENGTHS, tf.searchsorted(LENGTHS, [longest]))[0]
        tokens = tf.pad(tokens, [[0, 0], [0, padded - longest]])
        limits = tf.minimum(30 + 3 * lengths, self.generator.max_tokens)
        return tokens, tf.where(lengths > 0, limits, 0)

    def _first(self, decoded):
        return {
            "translation": self.generator.tokenizer.join(decoded.tokens[:, 0]),
            "score": decoded.log_probability[:, 0],
        }


def content_places(tokens):
    """Returns the places of source tokens that are neither mark nor padding."""
    return tokens > byte_tokenizer.END
