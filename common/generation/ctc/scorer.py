"""Weighted automata in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from common.generation.ctc.automaton import FORBIDDEN
from common.generation.ctc.automaton import Automaton

# A score below this is that of a forbidden text, or of no text at all.
WORST = FORBIDDEN / 10


class Scorer(NamedTuple):
    """An automaton that scores the prefixes of a search.

    Attributes:
      automaton: `Automaton`, of arrays or tensors.
      weight: Its log probabilities are multiplied by this number, which may be
        a tensor. What it forbids is forbidden with any weight.
    """

    automaton: Automaton
    weight: tf.Tensor | float = 1.0


def weighted(scorers: Sequence[Scorer]) -> list[Automaton]:
    """Returns automata of tensors with weighted log probabilities.

    They are constants of the graph if the weight is a Python number and the
    automaton an array, or any with a weight of 1; others are computed in each
    call.
    """
    return [
        Automaton(
            _weighted(automaton.log_probs, weight),
            tf.convert_to_tensor(automaton.next_states),
            _weighted(automaton.final, weight),
        )
        for automaton, weight in scorers
    ]


def _weighted(log_probs, weight):
    if not tf.is_tensor(weight) and weight == 1:
        return tf.convert_to_tensor(log_probs)
    is_constant = not (tf.is_tensor(log_probs) or tf.is_tensor(weight))
    where = np.where if is_constant else tf.where
    values = where(log_probs > WORST, weight * log_probs, FORBIDDEN)
    return tf.cast(values, tf.float32)


def token_scores(automata: Sequence[Automaton], states: tf.Tensor) -> tf.Tensor:
    """Returns the sum of the log probabilities of each token.

    Args:
      automata: The result of `weighted`.
      states: int32 (batch, width, automata).

    Returns:
      float32 (batch, width, 1 + tokens), 0 for the blank.
    """
    return tf.add_n(
        [
            tf.gather(automaton.log_probs, state)
            for automaton, state in _with_states(automata, states)
        ]
    )


def next_states(
    automata: Sequence[Automaton], states: tf.Tensor, tokens: tf.Tensor
) -> tf.Tensor:
    """Returns the states after tokens, int32 (batch, width, automata).

    Args:
      automata: The result of `weighted`.
      states: int32 (batch, width, automata).
      tokens: int32 (batch, width).
    """
    after = [
        tf.gather_nd(automaton.next_states, tf.stack([state, tokens], 2))
        for automaton, state in _with_states(automata, states)
    ]
    return tf.stack(after, 2)


def final_scores(automata: Sequence[Automaton], states: tf.Tensor) -> tf.Tensor:
    """Returns the sum of the log probabilities of ending, (batch, width).

    Args:
      automata: The result of `weighted`.
      states: int32 (batch, width, automata).
    """
    return tf.add_n(
        [
            tf.gather(automaton.final, state)
            for automaton, state in _with_states(automata, states)
        ]
    )


def _with_states(automata, states):
    return zip(automata, tf.unstack(states, len(automata), axis=2))
