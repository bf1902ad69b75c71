"""What can be asked of a language model: to write on, and to judge a text."""

import abc

import tensorflow as tf

from apps.language_model import network
from apps.language_model import streams
from apps.language_model import vocabulary
from common import decoding
from common import writer

# To one of which prefixes are padded; of longer ones, the last tokens are read.
LENGTHS = [16, 64, 256, 1024]
CHUNK = 64  # Tokens of a text whose logits are in memory at once.
NEVER = -1  # In place of the mark at which writing ends.
PREFIX = tf.TensorSpec([None], tf.string, "prefix")
TEXT = tf.TensorSpec([None], tf.string, "text")


class Writing(abc.ABC):
    """Writes and judges, with what a subclass, a keras.Model, has learned.

    Attributes:
      vocabulary: a Vocabulary.
      network: a Network.
      temperature, top_k, top_p, repetition_penalty, length, seed: what `serve`
        writes with, as of `generate`. To be set before it is first called.
    """

    vocabulary: vocabulary.Vocabulary
    network: network.Network
    temperature = 0.8
    top_k = 0
    top_p = 0.95
    repetition_penalty = 1.0
    length = 40
    seed = 0

    @tf.function(input_signature=[PREFIX])
    def serve(self, prefix):
        """Returns each prefix, written on to the end of its line."""
        drawing = self.temperature, self.top_k, self.top_p
        text = self._written(
            prefix,
            self.repetition_penalty,
            self.length,
            self.seed,
            vocabulary.END,
            *drawing,
        )
        return {"text": text}

    @tf.function(
        input_signature=[
            PREFIX,
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.int32, "top_k"),
            tf.TensorSpec([], tf.float32, "top_p"),
            tf.TensorSpec([], tf.float32, "repetition_penalty"),
            tf.TensorSpec([], tf.int32, "length"),
            tf.TensorSpec([], tf.int32, "seed"),
        ]
    )
    def generate(
        self,
        prefix,
        temperature,
        top_k,
        top_p,
        repetition_penalty,
        length,
        seed,
    ):
        """Returns each prefix, and `length` tokens more, over ends of lines.

        What is written depends on the prefix and the seed alone.

        Args:
          prefix: string (batch,).
          temperature: this and the next two: as of `decoding.sample`.
          top_k: int.
          top_p: float.
          repetition_penalty: float; what the logits of tokens that were read
            or written before are divided by; those below 0 are multiplied
            (Keskar et al., CTRL, 2019).
          length: int; tokens to be written.
          seed: int; of the drawing.
        """
        drawing = temperature, top_k, top_p
        text = self._written(
            prefix, repetition_penalty, length, seed, NEVER, *drawing
        )
        return {"text": text}

    def _written(self, prefix, penalty, length, seed, end, *drawing):
        """Returns prefixes with what is drawn after them."""
        tokens, last, states = self._read(prefix)
        size = self.vocabulary.size()
        seen = tf.math.bincount(
            tokens, minlength=size, maxlength=size, axis=-1, binary_output=True
        )
        penalty = tf.clip_by_value(tf.cast(penalty, tf.float32), 0.01, 100.0)
        never = tf.one_hot(vocabulary.UNKNOWN, size, -1e9, 0.0)

        def step(tokens, state):
            states, seen = state
            logits, states = self.next(tokens, states)
            seen |= tf.one_hot(tokens, size, True, False, dtype=tf.bool)
            # Lines may end as often as they like.
            again = seen & (tf.range(size) != vocabulary.END)
            lower = tf.where(logits > 0, logits / penalty, logits * penalty)
            return tf.where(again, lower, logits) + never, (states, seen), ()

        found = decoding.sample(
            step,
            (states, seen > 0),
            last,
            end,
            tf.fill(tf.shape(last), length),
            writer.seeds_of(prefix, seed),
            *drawing,
        )
        return self._joined(prefix, found.tokens[:, 0], found.lengths[:, 0])

    def _joined(self, prefix, tokens, lengths):
        """Returns texts, and tokens (batch, steps) behind them."""
        tokens = tf.RaggedTensor.from_tensor(tokens, lengths)
        written = self.vocabulary.join(tokens)
        prefix = tf.strings.unicode_transcode(prefix, "UTF-8", "UTF-8")
        between = ""
        if self.vocabulary.level == "word":
            full = tf.strings.regex_full_match(prefix, r"(?s).*\S")
            between = tf.where(full & (written != ""), " ", "")
        return tf.strings.join([prefix, between, written])

    def _read(self, prefix):
        """Reads prefixes, but for the last token of each.

        Returns:
          What was read, int32 (batch, places), the mark of an end before and
          behind it; the last token (batch,), and the states before it.
        """
        ids = self.vocabulary(prefix)[:, -LENGTHS[-1] + 1 :]
        mark = tf.fill([ids.nrows(), 1], vocabulary.END)
        ids = tf.concat([mark, ids], 1)
        read = tf.cast(ids.row_lengths(), tf.int32) - 1
        last = tf.gather(ids, read, batch_dims=1)
        # Few lengths: oneDNN keeps a program for every shape that it met.
        longest = tf.reduce_max(tf.concat([[1], read + 1], 0))
        places = tf.gather(LENGTHS, tf.searchsorted(LENGTHS, longest[None]))[0]
        tokens = ids.to_tensor(vocabulary.END, shape=[None, LENGTHS[-1]])
        tokens = tokens[:, :places]
        kept = tf.range(places) < read[:, None]
        states = self.network.zeros(tf.shape(last)[0])
        _, states = self.network(tokens, states, kept)
        return tokens, last, states

    def next(self, tokens, states):
        """Returns the logits of what follows tokens, and the states then.

        Args:
          tokens: int32 (batch,).
          states: list of the states before.
        """
        vectors, states = self.network(tokens[:, None], states)
        return self.network.logits(vectors[:, 0]), states

    @tf.function(input_signature=[PREFIX, tf.TensorSpec([], tf.int32, "count")])
    def complete(self, prefix, count):
        """Returns the likeliest next tokens, and their probabilities.

        Both (batch, count), the likeliest first; "<eos>", or of characters a
        line break, is the end of a line.
        """
        _, last, states = self._read(prefix)
        logits, _ = self.next(last, states)
        count = tf.clip_by_value(count, 1, self.vocabulary.size())
        found = tf.math.top_k(tf.nn.softmax(logits), count)
        return {
            "tokens": self.vocabulary.strings(found.indices),
            "probabilities": found.values,
        }

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

    def signatures(self):
        return {
            "generate": self.generate,
            "complete": self.complete,
            "score": self.score,
            "encode": self.encode,
            "decode": self.decode,
            "step": self.step(),
        }


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
