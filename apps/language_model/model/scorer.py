"""A language model tells how probable a text is: whole, or step by step."""

import abc

import tensorflow as tf

from apps.language_model import network
from apps.language_model import streams
from apps.language_model import vocabulary

CHUNK = 64  # Tokens of a text whose logits are in memory at once.
TEXT = tf.TensorSpec([None], tf.string, "text")


class Scoring(abc.ABC):
    """Tells probabilities, with what a subclass, a keras.Model, has learned.

    Attributes:
      vocabulary: a Vocabulary.
      network: a Network.
    """

    vocabulary: vocabulary.Vocabulary
    network: network.Network

    @tf.function(input_signature=[TEXT])
    def score(self, text):
        """Returns how probable each text is, in nats, and its perplexity.

        All its tokens count, and the ends of all its lines, the last one's,
        too.
        """
        tokens = self._with_ends(text)
        logs = self._told(tokens.to_tensor(streams.NOTHING), log_probability)
        count = tf.cast(tokens.row_lengths(), tf.int32)
        total = tf.reduce_sum(logs, 1)
        return {
            "log_probability": total,
            "tokens": count,
            "perplexity": tf.exp(-total / tf.cast(count, tf.float32)),
        }

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def score_tokens(self, text):
        """Returns the tokens of a text as it has them, and about each of them.

        Its log probability; and the one to be expected, which is less the
        entropy of what can stand there. The last is the end of the text.
        """
        ids = self._with_ends(text[None]).to_tensor()
        parts = vocabulary.split(text[None], self.vocabulary.level)[0]
        logs = self._told(ids, log_probability)
        return parts, logs[0], self._told(ids, _less_entropy)[0]

    def _with_ends(self, text):
        """Returns the ids of all lines of texts, each with its end."""
        return self.vocabulary.lines(
            tf.strings.regex_replace(text, r"\r?\n\z", "")
        )

    def _told(self, targets, tell):
        """Returns what is told of targets (batch, places), of each place.

        Args:
          targets: int32; `NOTHING` behind the end.
          tell: a function of logits and targets.
        """
        rows, places = tf.unstack(tf.shape(targets))
        chunks = -(-places // CHUNK)
        behind = [[0, 0], [0, chunks * CHUNK - places]]
        targets = tf.pad(targets, behind, constant_values=streams.NOTHING)
        inputs = tf.concat(
            [tf.fill([rows, 1], vocabulary.END), targets[:, :-1]], 1
        )
        found = tf.TensorArray(tf.float32, chunks, element_shape=[None, CHUNK])

        def body(i, states, found):
            here = slice(i * CHUNK, (i + 1) * CHUNK)
            tokens = tf.ensure_shape(inputs[:, here], [None, CHUNK])
            vectors, states = self.network(tf.maximum(tokens, 0), states)
            logits = self.network.logits(vectors)
            return i + 1, states, found.write(i, tell(logits, targets[:, here]))

        *_, found = tf.while_loop(
            lambda i, *_: i < chunks,
            body,
            (0, self.network.zeros(rows), found),
        )
        found = tf.transpose(found.stack(), [1, 0, 2])
        return tf.reshape(found, [rows, chunks * CHUNK])[:, :places]

    def follow(self, tokens, targets, states):
        """Reads a part of a text.

        Args:
          tokens: int32 (batch, steps).
          targets: int32 (batch, steps); the tokens after them.
          states: list of the states before.

        Returns:
          The log probabilities of the targets (batch, steps), 0 where there is
          none; what the softmax read (batch, steps, features); the states
          after.
        """
        vectors, states = self.network(tokens, states)
        logs = log_probability(self.network.logits(vectors), targets)
        return logs, vectors, states

    @tf.function(input_signature=[TEXT])
    def encode(self, text):
        """Returns the ids of all tokens of all texts, and how many each has."""
        ids = self.vocabulary(text)
        return {"ids": ids.flat_values, "lengths": ids.row_lengths()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, "ids")])
    def decode(self, ids):
        """Returns the token of each id."""
        last = self.vocabulary.size() - 1
        return {
            "tokens": self.vocabulary.strings(tf.clip_by_value(ids, 0, last))
        }

    def state_names(self):
        """Returns the names of the states of `step`, in their order."""
        return [
            f"layer_{i}_state_{j}"
            for i, sizes in enumerate(self.network.state_sizes, 1)
            for j in range(1, len(sizes) + 1)
        ]

    def step(self):
        """Returns a function that reads one token: ids, states -> logits.

        Its states go in and come out under the same names; the first ones are
        zeros. A step costs the same at every position.
        """
        names = self.state_names()
        sizes = sum(self.network.state_sizes, [])
        specs = [
            tf.TensorSpec([None, size], tf.float32, name)
            for name, size in zip(names, sizes)
        ]

        @tf.function(
            input_signature=[tf.TensorSpec([None], tf.int32, "ids"), *specs]
        )
        def step(ids, *states):
            last = self.vocabulary.size() - 1
            ids = tf.clip_by_value(ids, 0, last)
            logits, states = self.next(ids, list(states))
            return {"logits": logits, **dict(zip(names, states))}

        return step

    def next(self, tokens, states):
        """Returns the logits of what follows tokens, and the states then.

        Args:
          tokens: int32 (batch,).
          states: list of the states before.
        """
        vectors, states = self.network(tokens[:, None], states)
        return self.network.logits(vectors[:, 0]), states


def log_probability(logits, targets):
    """Returns that of each target, 0 where there is none."""
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(targets, 0), logits
    )
    return tf.where(targets == streams.NOTHING, 0.0, -nats)


def _less_entropy(logits, targets):
    """Returns the log probability that is to be expected of each target."""
    logs = tf.nn.log_softmax(logits)
    return tf.reduce_sum(tf.exp(logs) * logs, -1)
