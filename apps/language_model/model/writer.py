"""Generates text after a prefix."""

import dataclasses

import tensorflow as tf

from apps.language_model.model import network
from apps.language_model.model import vocabulary
from common.generation import decoding
from common.generation import numbers
from common.generation import text_generator

# Prefixes are padded to one of these; of longer ones the last tokens are read.
LENGTHS = [16, 64, 256, 1024]
NEVER = -1  # An id that no token has: generation does not end.
PREFIX = tf.TensorSpec([None], tf.string, "prefix")


@dataclasses.dataclass(frozen=True)
class DecodingOptions:
    """How `Writer.finish_line` samples; see `Writer.generate`."""

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 0.95
    repetition_penalty: float = 1.0
    length: int = 40
    seed: int = 0


DEFAULTS = DecodingOptions()


class Writer:
    """Continues texts: to the left, if the vocabulary reads backward.

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
        self._options = DEFAULTS
        self._is_used = False

    @property
    def options(self) -> DecodingOptions:
        """How `finish_line` samples."""
        return self._options

    def configure(self, options: DecodingOptions) -> None:
        """Sets how `finish_line` samples.

        Raises:
          RuntimeError: A graph was traced with other options already.
        """
        if self._is_used and options != self._options:
            raise RuntimeError(
                f"Cannot set {options}: a graph was already traced with "
                f"{self._options}. Load the model again."
            )
        self._options = options

    def finish_line(self, prefix: tf.Tensor) -> tf.Tensor:
        """Returns each prefix, continued to the end of its line.

        Args:
          prefix: string (batch,).
        """
        self._is_used = True
        return self._continued(prefix, vocabulary.END, self._options)

    @tf.function(
        input_signature=[
            PREFIX,
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.int32, "top_k"),
            tf.TensorSpec([], tf.float32, "top_p"),
            tf.TensorSpec([], tf.float32, "repetition_penalty"),
            tf.TensorSpec([], tf.int32, "length"),
            tf.TensorSpec([], tf.int32, "seed"),
        ],
        autograph=False,
    )
    def generate(
        self,
        prefix,
        temperature=tf.constant(DEFAULTS.temperature),
        top_k=tf.constant(DEFAULTS.top_k),
        top_p=tf.constant(DEFAULTS.top_p),
        repetition_penalty=tf.constant(DEFAULTS.repetition_penalty),
        length=tf.constant(DEFAULTS.length),
        seed=tf.constant(DEFAULTS.seed),
    ):
        """Returns each prefix, continued by `length` tokens.

        Generation continues across the ends of lines. The text depends on the
        prefix and the seed only. Clients of TensorFlow Serving may omit all
        arguments but the prefix.

        Args:
          prefix: string (batch,).
          temperature: See `decoding.sample`, as for the next two.
          top_k: int.
          top_p: float.
          repetition_penalty: float; divides positive logits and multiplies
            negative ones of tokens that occurred before (Keskar et al., CTRL,
            2019).
          length: int; number of generated tokens, at most 10,000.
          seed: int; seed of the sampling.
        """
        options = DecodingOptions(
            temperature, top_k, top_p, repetition_penalty, length, seed
        )
        return {"text": self._continued(prefix, NEVER, options)}

    @tf.function(
        input_signature=[PREFIX, tf.TensorSpec([], tf.int32, "count")],
        autograph=False,
    )
    def complete(self, prefix, count):
        """Returns the most probable next tokens and their probabilities.

        Both are (batch, count), the most probable first. The end of a line is
        "<eos>", or a line break in a model of characters.
        """
        _, last, states = self._read(prefix)
        logits, _ = self.network.step(last, states)
        count = tf.clip_by_value(count, 1, self.vocabulary.size())
        best = tf.math.top_k(tf.nn.softmax(logits), count)
        return {
            "tokens": self.vocabulary.strings(best.indices),
            "probabilities": best.values,
        }

    def _continued(self, prefix, end, options):
        """Returns prefixes and the sampled tokens after them."""
        tokens, last, states = self._read(prefix)
        size = self.vocabulary.size()
        counts = tf.math.bincount(
            tokens, minlength=size, maxlength=size, axis=-1, binary_output=True
        )
        length = numbers.clipped(
            options.length, 0, numbers.MAX_LENGTH, "length"
        )
        decoded = decoding.sample(
            self._step(options.repetition_penalty),
            (states, counts > 0),
            last,
            end,
            tf.fill(tf.shape(last), length),
            text_generator.seeds_of(prefix, options.seed),
            options.temperature,
            options.top_k,
            options.top_p,
        )
        return self._join(prefix, decoded.tokens[:, 0], decoded.lengths[:, 0])

    def _step(self, penalty):
        """Returns a step for `decoding`; its state holds the tokens so far."""
        size = self.vocabulary.size()
        penalty = numbers.clipped(
            tf.cast(penalty, tf.float32), 0.01, 100, "repetition_penalty"
        )
        never = tf.one_hot(vocabulary.UNKNOWN, size, -1e9, 0.0)

        def step(tokens, state):
            states, seen = state
            logits, states = self.network.step(tokens, states)
            seen |= tf.one_hot(tokens, size, True, False, dtype=tf.bool)
            # There is no penalty for ending several lines.
            penalized = seen & (tf.range(size) != vocabulary.END)
            lower = tf.where(logits > 0, logits / penalty, logits * penalty)
            logits = tf.where(penalized, lower, logits) + never
            return logits, (states, seen), ()

        return step

    def _join(self, prefix, tokens, lengths):
        """Returns texts followed by tokens (batch, steps)."""
        tokens = tf.RaggedTensor.from_tensor(tokens, lengths)
        generated = self.vocabulary.join(tokens)
        prefix = tf.strings.unicode_transcode(prefix, "UTF-8", "UTF-8")
        between = ""
        if self.vocabulary.level == "word":
            has_words = tf.strings.regex_full_match(prefix, r"(?s).*\S")
            between = tf.where(has_words & (generated != ""), " ", "")
        parts = [prefix, between, generated]
        return tf.strings.join(
            parts[::-1] if self.vocabulary.backward else parts
        )

    def _read(self, prefix):
        """Reads prefixes except the last token of each.

        Returns:
          The padded tokens, int32 (batch, places), with the end of a line
          before and behind them; the last token (batch,), and the states
          before it.
        """
        ids = self.vocabulary(prefix)[:, -LENGTHS[-1] + 1 :]
        start = tf.fill([ids.nrows(), 1], vocabulary.END)
        ids = tf.concat([start, ids], 1)
        read = tf.cast(ids.row_lengths(), tf.int32) - 1
        last = tf.gather(ids, read, batch_dims=1)
        # Few lengths: oneDNN caches a program for every shape.
        longest = tf.reduce_max(tf.concat([[1], read + 1], 0))
        places = tf.gather(LENGTHS, tf.searchsorted(LENGTHS, longest[None]))[0]
        tokens = ids.to_tensor(vocabulary.END, shape=[None, LENGTHS[-1]])
        tokens = tokens[:, :places]
        mask = tf.range(places) < read[:, None]
        states = self.network.zero_states(tf.shape(last)[0])
        _, states = self.network(tokens, states, mask)
        return tokens, last, states
