"""Scores texts by their probability."""

import tensorflow as tf

from apps.language_model.model import network
from apps.language_model.model import streams
from apps.language_model.model import vocabulary

CHUNK = 64  # Tokens of a text whose logits are in memory at once.


class Scorer:
    """Computes the probability of whole texts and of their tokens.

    Args:
      vocabulary_layer: A `Vocabulary`.
      network_layer: A `Network`.
    """

    def __init__(
        self,
        vocabulary_layer: vocabulary.Vocabulary,
        network_layer: network.Network,
    ):
        self.vocabulary, self.network = vocabulary_layer, network_layer

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "text")],
        autograph=False,
    )
    def score(self, text):
        """Returns log probability (nats), tokens and perplexity of each text.

        All tokens count, including the ends of all lines.
        """
        tokens = self._ids(text)
        (log_probabilities,) = self._by_token(
            tokens.to_tensor(streams.NO_TARGET), log_probability
        )
        count = tf.cast(tokens.row_lengths(), tf.int32)
        total = tf.reduce_sum(log_probabilities, 1)
        return {
            "log_probability": total,
            "tokens": count,
            "perplexity": tf.exp(-total / tf.cast(count, tf.float32)),
        }

    @tf.function(
        input_signature=[tf.TensorSpec([], tf.string, "text")], autograph=False
    )
    def score_tokens(self, text):
        """Scores each token of one text.

        Args:
          text: A scalar string.

        Returns:
          tokens: As they are in the text.
          log_probabilities: Those of the tokens, and one more for the end of
            the text, or its start if it is read backward.
          expected: For each of these the expected log probability, which is
            the negative entropy of the prediction.
        """
        ids = self._ids(text[None]).to_tensor()
        parts = vocabulary.split(text[None], self.vocabulary.level)[0]
        values = tf.stack(self._by_token(ids, log_probability, _expected))[:, 0]
        by_token = self.vocabulary.in_reading_order(values[:, :-1])
        log_probabilities, expected = tf.unstack(
            tf.concat([by_token, values[:, -1:]], 1)
        )
        return {
            "tokens": parts,
            "log_probabilities": log_probabilities,
            "expected": expected,
        }

    def follow(self, tokens, targets, states):
        """Reads a part of a text.

        Args:
          tokens: int32 (batch, steps).
          targets: int32 (batch, steps); the next token of each.
          states: List of the states before.

        Returns:
          The log probabilities of the targets (batch, steps), 0 where there is
          no target; the inputs of the softmax (batch, steps, features); the
          states after.
        """
        vectors, states = self.network(tokens, states)
        logits = self.network.logits(vectors)
        return log_probability(logits, targets), vectors, states

    def _ids(self, text):
        """Returns the ids of all lines of texts and their ends."""
        return self.vocabulary.lines(
            tf.strings.regex_replace(text, r"\r?\n\z", "")
        )

    def _by_token(self, targets, *statistics):
        """Returns statistics of the prediction of each target.

        The targets are read in chunks, to limit memory.

        Args:
          targets: int32 (batch, places); `NO_TARGET` behind the end.
          *statistics: Functions of logits and targets.

        Returns:
          A list of (batch, places), one per function.
        """
        rows, places = tf.unstack(tf.shape(targets))
        chunks = tf.maximum(1, -(-places // CHUNK))  # Also of no texts.
        padding = [[0, 0], [0, chunks * CHUNK - places]]
        targets = tf.pad(targets, padding, constant_values=streams.NO_TARGET)
        inputs = tf.concat(
            [tf.fill([rows, 1], vocabulary.END), targets[:, :-1]], 1
        )
        count = len(statistics)
        values = tf.TensorArray(
            tf.float32, chunks, element_shape=[count, None, CHUNK]
        )

        def body(i, states, values):
            chunk = slice(i * CHUNK, (i + 1) * CHUNK)
            tokens = tf.ensure_shape(inputs[:, chunk], [None, CHUNK])
            vectors, states = self.network(tf.maximum(tokens, 0), states)
            logits = self.network.logits(vectors)
            chunk_values = [f(logits, targets[:, chunk]) for f in statistics]
            return i + 1, states, values.write(i, tf.stack(chunk_values))

        *_, values = tf.while_loop(
            lambda i, *_: i < chunks,
            body,
            (0, self.network.zero_states(rows), values),
        )
        values = tf.transpose(values.stack(), [1, 2, 0, 3])
        values = tf.reshape(values, [count, rows, chunks * CHUNK])
        return tf.unstack(values[:, :, :places])


def log_probability(logits, targets):
    """Returns the log probability of each target, 0 where there is none."""
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(targets, 0), logits
    )
    return tf.where(targets == streams.NO_TARGET, 0.0, -nats)


def _expected(logits, targets):
    """Returns the expected log probability at each place."""
    log_probabilities = tf.nn.log_softmax(logits)
    return tf.reduce_sum(tf.exp(log_probabilities) * log_probabilities, -1)
