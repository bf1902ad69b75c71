"""Diverse beam search: groups of beams that penalize each other's tokens."""

from __future__ import annotations

import tensorflow as tf

from common.generation import beam_search
from common.generation import decoding
from common.generation import hypotheses
from common.generation.decoding import State
from common.generation.decoding import Step


def diverse_beam_search(
    step: Step,
    state: State,
    start: tf.Tensor,
    end: int,
    limits: tf.Tensor,
    groups: int,
    width: tf.Tensor | int,
    diversity: tf.Tensor | float,
    length_penalty: tf.Tensor | float = 0.0,
) -> decoding.Decoded:
    """Decodes with groups of beams that differ; returns all, the best first.

    Each group is a beam search. At each step the groups choose one after the
    other, and the log probability of a token is lowered by `diversity` for
    each time that an earlier group has chosen it at this step. This affects
    the choice only: scores are those of `beam_search.beam_search`. A hypothesis
    that has ended stays as it is, and chooses nothing. Two groups may decode
    the same sequence.

    Args:
      step: See `decoding.Step`.
      state: See `decoding.greedy`.
      start: See `decoding.greedy`.
      end: See `decoding.greedy`.
      limits: See `decoding.greedy`.
      groups: Number of groups; they decode `groups * width` sequences.
      width: Beam width of each group.
      diversity: A difference of log probabilities; with 0 all groups are
        equal.
      length_penalty: See `beam_search.beam_search`.

    Reference: Vijayakumar et al., Diverse Beam Search, 2018.
    """

    def choose(*beams):
        charge, chosen = tf.zeros_like(beams[0][:, 0]), []
        size, penalty = tf.shape(charge)[-1], tf.cast(diversity, charge.dtype)
        for group in zip(*(tf.split(values, groups, 1) for values in beams)):
            log_probability, tokens, parents = beam_search.choose(
                *group, end, width, length_penalty, charge
            )
            chosen.append(
                (log_probability, tokens, parents + len(chosen) * width)
            )
            ended = tf.gather(group[-1], parents, batch_dims=1)
            tokens = tf.where(ended, -1, tokens)  # No token of the vocabulary.
            charge += tf.reduce_sum(tf.one_hot(tokens, size, penalty), 1)
        return [tf.concat(values, 1) for values in zip(*chosen)]

    beams = beam_search.search(
        step, state, start, end, limits, groups, width, choose
    )
    return hypotheses.ranked(beams, length_penalty)
