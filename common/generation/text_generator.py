"""Generates texts token by token, for the apps that answer with text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from common.generation import beam_search
from common.generation import decoding
from common.generation import diverse_beam_search
from common.generation import numbers
from common.text import byte_tokenizer

# From the encoded inputs (batch, ...) and the number of rows that the step has
# for each of them: the step, whose trace is its alignments (rows, places), and
# the first state, with one row for each input.
Start = Callable[[Any, int | tf.Tensor], tuple[decoding.Step, decoding.State]]


@dataclasses.dataclass(frozen=True)
class DecodingOptions:
    """How `TextGenerator.best` decodes.

    Attributes:
      beam_width: 1 is greedy decoding.
      length_penalty: See `beam_search`.
      coverage_penalty: See `beam_search`.
    """

    beam_width: int = 1
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0


class TextGenerator:
    """Decodes with the next-token step of a model.

    A part of a model, but not a layer: the model saves its weights, and its
    tokenizer, under names of its own.

    Args:
      tokenizer: Tokenizer of the generated texts.
      max_tokens: Maximum number of tokens of a text.
      start: See `Start`.
      attended_places: Maps the encoded inputs to the places that count for a
        coverage penalty, bool (batch, places); None if there is no such
        penalty.
    """

    def __init__(
        self,
        tokenizer: byte_tokenizer.ByteTokenizer,
        max_tokens: int,
        start: Start,
        attended_places: Callable[[Any], tf.Tensor] | None = None,
    ):
        self.tokenizer, self.max_tokens = tokenizer, max_tokens
        self._start, self._attended_places = start, attended_places
        self._options = DecodingOptions()
        self._is_used = False

    @property
    def options(self) -> DecodingOptions:
        """How `best` decodes."""
        return self._options

    def configure(self, options: DecodingOptions) -> None:
        """Sets how `best` decodes.

        Raises:
          RuntimeError: A graph was traced with other options already.
          ValueError: There is a coverage penalty, but no attention.
        """
        if options.coverage_penalty and not self._attended_places:
            raise ValueError("A coverage penalty needs `attended_places`.")
        if self._is_used and options != self._options:
            raise RuntimeError(
                f"Cannot set {options}: a graph was already traced with "
                f"{self._options}. Load the model again."
            )
        self._options = options

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string)], autograph=False
    )
    def tokens(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Returns the tokens of texts between start and end marks.

        A text that is cut off has no end mark: the model must not learn to
        stop there.

        Args:
          text: (batch,).

        Returns:
          Ragged (batch, steps).
        """
        ids = self.tokenizer(text)
        start, end = (
            marks(ids, mark)
            for mark in (byte_tokenizer.START, byte_tokenizer.END)
        )
        return tf.concat([start, ids, end], 1)[:, : self.max_tokens + 2]

    def best(self, encoded: Any, limits: tf.Tensor) -> decoding.Decoded:
        """Decodes as `options` say: greedily, or with a beam.

        Args:
          encoded: The encoded inputs.
          limits: int32 (batch,); maximum number of tokens of each text.
        """
        self._is_used = True
        if self._options.beam_width == 1:
            return self.greedy(encoded, limits)
        return self.search(encoded, limits, self._options.beam_width)

    def greedy(self, encoded: Any, limits: tf.Tensor) -> decoding.Decoded:
        """Decodes the most probable token at each step."""
        return decoding.greedy(*self._begin(encoded, limits, 1))

    def search(
        self, encoded: Any, limits: tf.Tensor, width: int | tf.Tensor
    ) -> decoding.Decoded:
        """Decodes with a beam; the penalties are those of `options`.

        Args:
          encoded: The encoded inputs.
          limits: See `best`.
          width: Beam width; clipped to `numbers.MAX_WIDTH`.
        """
        self._is_used = True
        width = numbers.clipped(width, 1, numbers.MAX_WIDTH, "beam_width")

        def alignments(trace):
            return trace, self._attended_places(encoded)

        penalty = self._options.coverage_penalty
        return beam_search.beam_search(
            *self._begin(encoded, limits, width),
            width=width,
            length_penalty=self._options.length_penalty,
            coverage_penalty=penalty,
            alignments=alignments if penalty else None,
        )

    def sample(
        self,
        encoded: Any,
        limits: tf.Tensor,
        seeds: tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        top_k: int | tf.Tensor = 0,
        top_p: float | tf.Tensor = 1.0,
    ) -> decoding.Decoded:
        """Samples texts; see `decoding.sample` for the arguments."""
        return decoding.sample(
            *self._begin(encoded, limits, 1),
            seeds=seeds,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
        )

    def search_diverse(
        self,
        encoded: Any,
        limits: tf.Tensor,
        groups: int,
        diversity: float | tf.Tensor,
    ) -> decoding.Decoded:
        """Decodes texts that differ; see `diverse_beam_search`.

        Args:
          encoded: The encoded inputs.
          limits: See `best`.
          groups: Number of texts.
          diversity: Penalty of a token that another text has at its place.
        """
        self._is_used = True
        return diverse_beam_search.diverse_beam_search(
            *self._begin(encoded, limits, groups),
            groups=groups,
            width=1,
            diversity=numbers.clipped(
                diversity, 0, numbers.MAX_PENALTY, "diversity"
            ),
            length_penalty=self._options.length_penalty,
        )

    def _begin(
        self, encoded: Any, limits: tf.Tensor, width: int | tf.Tensor
    ) -> tuple[decoding.Step, decoding.State, tf.Tensor, int, tf.Tensor]:
        """Returns the first arguments of all ways to decode."""
        step, state = self._start(encoded, width)
        first = tf.fill(tf.shape(limits), byte_tokenizer.START)
        return step, state, first, byte_tokenizer.END, limits


def seeds_of(inputs: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns a seed for each input, which depends on it and on `seed`."""
    hashes = tf.strings.to_hash_bucket_fast(inputs, 2**30)
    return seed + tf.cast(hashes, tf.int32)


def marks(ids: tf.RaggedTensor, mark: int) -> tf.Tensor:
    """Returns a mark for each row of ids, to be concatenated with them."""
    return tf.fill([ids.nrows(), 1], mark)
