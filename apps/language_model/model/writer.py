"""A language model writes on."""

import tensorflow as tf

from apps.language_model import scoring
from apps.language_model import vocabulary
from common.generation import decoding
from common.generation import text_generator

# To one of which prefixes are padded; of longer ones, the last tokens are read.
LENGTHS = [16, 64, 256, 1024]
NEVER = -1  # In place of the mark at which writing ends.
PREFIX = tf.TensorSpec([None], tf.string, "prefix")


class Writing(scoring.Scoring):
    """Writes on, with what a subclass, a keras.Model, has learned.

    Attributes:
      temperature, top_k, top_p, repetition_penalty, length, seed: what `serve`
        writes with, as of `generate`. To be set before it is first called.
    """

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
        temperature=tf.constant(temperature),
        top_k=tf.constant(top_k),
        top_p=tf.constant(top_p),
        repetition_penalty=tf.constant(repetition_penalty),
        length=tf.constant(length),
        seed=tf.constant(seed),
    ):
        """Returns each prefix, and `length` tokens more, over ends of lines.

        What is written depends on the prefix and the seed alone. Clients of
        TensorFlow Serving may leave out all but the prefix.

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
            text_generator.seeds_of(prefix, seed),
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

    def signatures(self):
        return {
            "generate": self.generate,
            "complete": self.complete,
            "score": self.score,
            "encode": self.encode,
            "decode": self.decode,
            "step": self.step(),
        }
