"""Diverse beam search: groups of beams that keep away from each other."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from common.generation import beam_search
from common.generation import decoding


def diverse_beam_search(
    step: Callable,
    state: Any,
    start: tf.Tensor,
    end: int,
    limits: tf.Tensor,
    groups: int,
    width: tf.Tensor | int,
    diversity: tf.Tensor | float,
    length_penalty: tf.Tensor | float = 0.0,
) -> decoding.Decoded:
    """Follows groups of beams that differ; returns all, the best first.

    Each group is a beam search. At each step one group chooses after the other,
    and the log probability of a token is lowered by `diversity` for each time
    that a group before has chosen it at this step. This is so for the choice
    only: scores are those of `beam_search.beam_search`. A sequence that has
    ended stays as it is, and chooses nothing. Groups may find the same
    sequence.

    Args:
      step: as of `decoding.greedy`.
      state: as of `decoding.greedy`.
      start: as of `decoding.greedy`.
      end: as of `decoding.greedy`.
      limits: as of `decoding.greedy`.
      groups: number of them; they find `groups * width` sequences.
      width: of the beam of each group.
      diversity: a difference of log probabilities; 0 makes all groups equal.
      length_penalty: as of `beam_search.beam_search`.

    Reference: Vijayakumar et al., Diverse Beam Search, 2018.
    """

    def choose(*beams):
        charge, chosen = tf.zeros_like(beams[0][:, 0]), []
        size, each = tf.shape(charge)[-1], tf.cast(diversity, charge.dtype)
        for group in zip(*(tf.split(values, groups, 1) for values in beams)):
            scored, tokens, parents = beam_search.choose(
                *group, end, width, length_penalty, charge
            )
            chosen.append((scored, tokens, parents + len(chosen) * width))
            ended = tf.gather(group[-1], parents, batch_dims=1)
            tokens = tf.where(ended, -1, tokens)  # Which is none.
            charge += tf.reduce_sum(tf.one_hot(tokens, size, each), 1)
        return [tf.concat(values, 1) for values in zip(*chosen)]

    found = beam_search.follow(
        step, state, start, end, limits, groups, width, choose
    )
    return beam_search.best_first(*found, length_penalty)
