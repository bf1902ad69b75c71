"""From text to text: what one translator and several together share."""

import abc

import tensorflow as tf

from common.generation import text_generator
from common.text import byte_tokenizer

# To one of which sources are padded.
LENGTHS = [16, 32, 64, 128, 256, 512, 1024]


class Translating(text_generator.Writer):
    """Translates with what a subclass, a keras.Model, tells of the next token.

    What is read are tokens int32 (batch, places), with the mark of the end.

    Attributes:
      source: tokenizer of the sentences that are read.
    """

    source: byte_tokenizer.ByteTokenizer

    @abc.abstractmethod
    def log_probabilities(self, source, target):
        """Returns those of the tokens of targets, (batch, steps - 1).

        Args:
          source: int32 (batch, places); with the mark of the end.
          target: int32 (batch, steps); with both marks.
        """

    def source_tokens(self, text):  # (batch,) -> ragged (batch, places)
        """Returns what is read of texts, and the mark of the end."""
        ids = self.source(tf.strings.strip(text))[:, : self.max_tokens]
        return tf.concat(
            [ids, text_generator.marks(ids, byte_tokenizer.END)], 1
        )

    def places(self, read):
        return read > byte_tokenizer.END

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def serve(self, text):
        """Returns the translation of each text.

        And its score: the logarithm of its probability.
        """
        found = self.best(*self._read(text))
        return {
            "translation": self.target.join(found.tokens[:, 0]),
            "score": found.log_probability[:, 0],
        }

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([], tf.int32, "beam_width"),
        ]
    )
    def alternatives(self, text, beam_width):
        """Returns the best translations of each text, the best first.

        With their scores: log probabilities, divided as the length penalty
        says, below -1e30 where there are no more translations. And their
        tokens, those of the text, and how far each of the former attended to
        each of the latter.
        """
        tokens, limits = self._read(text)
        found = self.search(tokens, limits, beam_width)
        return {
            "translations": self.target.join(found.tokens),
            "scores": found.score,
            "tokens": self.target.strings(found.tokens),
            "source_tokens": self.source.strings(tokens),
            "alignments": found.trace,
        }

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.int32, "top_k"),
            tf.TensorSpec([], tf.float32, "top_p"),
            tf.TensorSpec([], tf.int32, "seed"),
        ]
    )
    def sample(self, text, temperature, top_k, top_p, seed):
        """Returns a translation of each text that is drawn, not searched.

        What is drawn depends on the text and the seed alone.
        """
        seeds = text_generator.seeds_of(text, seed)
        found = self.draw(*self._read(text), seeds, temperature, top_k, top_p)
        return {
            "translation": self.target.join(found.tokens[:, 0]),
            "score": found.log_probability[:, 0],
        }

    def signatures(self):
        return {"alternatives": self.alternatives, "sample": self.sample}

    @tf.function(
        input_signature=[
            {"text": tf.TensorSpec([None], tf.string)},
            tf.TensorSpec([None], tf.string),
        ]
    )
    def assess(self, x, y):
        """Returns what the targets get: log probability, number of tokens."""
        target = self.target_tokens(y).to_tensor()
        source, _ = self._read(x["text"])
        there = tf.cast(target[:, 1:] > 0, tf.float32)
        logs = self.log_probabilities(source, target) * there
        return {
            "log_probability": tf.reduce_sum(logs, 1),
            "tokens": tf.reduce_sum(there, 1),
        }

    def _read(self, text):
        """Returns tokens (batch, places), and how many the answers may be."""
        ids = self.source_tokens(text)
        read = tf.cast(ids.row_lengths(), tf.int32) - 1
        tokens = ids.to_tensor()
        # Few lengths: oneDNN keeps a program for every shape that it met.
        length = tf.shape(tokens)[1]
        longer = tf.gather(LENGTHS, tf.searchsorted(LENGTHS, [length]))[0]
        tokens = tf.pad(tokens, [[0, 0], [0, longer - length]])
        limits = tf.minimum(30 + 3 * read, self.max_tokens)
        return tokens, tf.where(read > 0, limits, 0)
