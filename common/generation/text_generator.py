"""Texts written a token at a time: what the apps that write have in common."""

import abc

import tensorflow as tf

from common.generation import beam_search
from common.generation import decoding
from common.generation import diverse_beam_search
from common.text import byte_tokenizer


class Writer(abc.ABC):
    """Decodes with what a subclass, a keras.Model, tells of the next token.

    What was read is a tensor (batch, ...) of the subclass's own.

    Attributes:
      target: tokenizer of the texts that are written.
      max_tokens: int; the most that a text has.
      beam_width: int; that of `serve`; 1 is greedy. This and the next two
        are to be set before the model is first asked.
      length_penalty: float; as of `common.generation.beam_search`.
      coverage_penalty: float; the same.
    """

    target: byte_tokenizer.ByteTokenizer
    max_tokens: int
    beam_width = 1
    length_penalty = 1.0
    coverage_penalty = 0.0

    @abc.abstractmethod
    def start(self, read, width):
        """Returns a step as `decoding` takes it, and its first state.

        The step traces its alignments (rows, places).

        Args:
          read: what was read.
          width: rows that the step has for each of its; the first state has
            one.
        """

    def places(self, read):
        """Returns which places count for a coverage penalty: (batch, places).

        Args:
          read: what was read.
        """
        raise NotImplementedError

    def target_tokens(self, text):  # (batch,) -> ragged (batch, steps)
        """Returns the tokens of texts, between the marks.

        What is cut off has no mark of the end: nobody shall learn to stop
        there.
        """
        ids = self.target(text)
        start, end = (
            marks(ids, mark)
            for mark in (byte_tokenizer.START, byte_tokenizer.END)
        )
        return tf.concat([start, ids, end], 1)[:, : self.max_tokens + 2]

    def search(self, read, limits, width):
        """Returns the best texts, as `common.generation.decoding.Decoded`.

        Args:
          read: what was read.
          limits: int32 (batch,); how many tokens each text may have.
          width: of the beam: int or scalar tensor.
        """

        def alignments(trace):
            return trace, self.places(read)

        return beam_search.beam_search(
            *self._started(read, limits, width),
            width,
            self.length_penalty,
            self.coverage_penalty,
            alignments if self.coverage_penalty else None,
        )

    def greedy(self, read, limits):
        """Returns the texts of the best token at each step."""
        return decoding.greedy(*self._started(read, limits, 1))

    def best(self, read, limits):
        """Returns the texts that `serve` gives: greedy, or of the beam."""
        if self.beam_width == 1:
            return self.greedy(read, limits)
        return self.search(read, limits, self.beam_width)

    def draw(self, read, limits, seeds, temperature=1.0, top_k=0, top_p=1.0):
        """Returns texts that are drawn; arguments as of `decoding.sample`."""
        return decoding.sample(
            *self._started(read, limits, 1), seeds, temperature, top_k, top_p
        )

    def search_diverse(self, read, limits, groups, diversity):
        """Returns texts that differ, as `diverse_beam_search` does.

        Args:
          read: what was read.
          limits: as of `search`.
          groups: int; how many texts.
          diversity: what a token costs that another text has at its place.
        """
        return diverse_beam_search.diverse_beam_search(
            *self._started(read, limits, groups),
            groups,
            1,
            diversity,
            self.length_penalty,
        )

    def _started(self, read, limits, width):
        """Returns what all ways to decode begin with."""
        step, state = self.start(read, width)
        first = tf.fill(tf.shape(limits), byte_tokenizer.START)
        return step, state, first, byte_tokenizer.END, limits


def seeds_of(read: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns a seed for each string, so that what is drawn depends on both."""
    hashes = tf.strings.to_hash_bucket_fast(read, 2**30)
    return seed + tf.cast(hashes, tf.int32)


def marks(ids: tf.RaggedTensor, mark: int) -> tf.Tensor:
    """Returns a mark for each row of ids, to be joined to them."""
    return tf.fill([ids.nrows(), 1], mark)
