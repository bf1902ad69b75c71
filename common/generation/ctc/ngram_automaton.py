"""The automaton of an n-gram model."""

from collections.abc import Sequence

import numpy as np

from common.generation.ctc.automaton import FORBIDDEN
from common.generation.ctc.automaton import Automaton
from common.text.ngrams.kneser_ney import KneserNey


def from_kneser_ney(
    model: KneserNey, ids: Sequence[int], end: int, max_states: int = 50_000
) -> Automaton:
    """Returns an automaton with the probabilities of an n-gram model.

    Its states are the histories that occur in the model's text, with the
    probabilities of shorter ones interpolated: so a text has exactly the
    model's probability. If there are more than `max_states`, the shorter
    histories are kept, and of the longest the most frequent; where others would
    be read, it is the model of the next shorter ones.

    Args:
      model: An n-gram model of characters.
      ids: The model's token for each token of the search, from 1 on.
      end: The model's token for the end of a line.
      max_states: At least 2: the empty history and the start of a line.
    """
    if max_states < 2:
        raise ValueError(f"max_states must be at least 2, got {max_states}.")
    histories = _histories(model, max_states)
    probabilities, next_states = _tables(model, histories)
    with np.errstate(divide="ignore"):
        log_probs = np.maximum(np.log(probabilities), FORBIDDEN)
    start = 1 if len(histories) > 1 else 0
    order = np.argsort(np.arange(len(log_probs)) != start, kind="stable")
    number = np.argsort(order)  # Of each state, now that the start is state 0.
    states = number[next_states[order][:, ids]]
    final = log_probs[order, end].astype(np.float32)
    log_probs = log_probs[order][:, ids].astype(np.float32)
    return Automaton(
        np.insert(log_probs, 0, 0.0, 1),
        np.insert(states, 0, np.arange(len(order)), 1).astype(np.int32),
        final,
    )


def _histories(model, max_states):
    """Returns the rows of the histories of each length, from 0 on.

    Returns:
      A list of int (histories,), the start of a line first. The empty history
      is row 0; others are rows of the table of n-grams of their length.
    """
    rows, left = [np.array([0])], max_states - 1
    for shorter, table in zip(model.tables, model.tables[1:]):
        counts = np.bincount(table.history, table.counts, len(shorter.keys))
        if len(rows) == 1:
            counts[model.size] = np.inf  # The start mark is always kept.
        frequent = np.argsort(-counts, kind="stable")
        rows.append(frequent[: min(left, np.count_nonzero(counts))])
        left -= len(rows[-1])
    return rows


def _tables(model, histories):
    """Returns probabilities and next states, (states, vocabulary) each."""
    sizes = [1, *(len(table.keys) for table in model.tables)]
    places = [_places(rows, size) for rows, size in zip(histories, sizes)]
    probabilities = [np.full((1, model.size), 1 / model.size)]
    next_states, longer = [np.zeros((1, model.size), int)], 0
    for n, (rows, level) in enumerate(zip(histories, model.levels)):
        shorter = _shorter(model, places, n)[rows]
        p = level.left[rows, None] * probabilities[-1][shorter]
        states = next_states[-1][shorter]
        table, longer = model.tables[n], longer + len(rows)
        tokens = table.keys % (model.size + 1)
        ngrams = np.flatnonzero(
            (places[n][table.history] >= 0) & (tokens < model.size)
        )
        at = places[n][table.history[ngrams]], tokens[ngrams]
        p[at] += level.frequency[ngrams]
        if n + 1 < len(histories):
            # An n-gram that is itself a history is the next state.
            next_place = places[n + 1][ngrams]
            states[at] = np.where(
                next_place >= 0, longer + next_place, states[at]
            )
        probabilities.append(p)
        next_states.append(states)
    return np.concatenate(probabilities[1:]), np.concatenate(next_states[1:])


def _places(rows, size):
    """Returns the place of each of `size` rows in `rows`, -1 for none."""
    places = np.full(size, -1)
    places[rows] = np.arange(len(rows))
    return places


def _shorter(model, places, n):
    """Returns the place of each history of length n without its first token."""
    if n < 2:
        return np.zeros(len(places[n]), int)
    return places[n - 1][model.tables[n - 1].suffix]
