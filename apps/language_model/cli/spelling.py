r"""Spelling correction with a noisy-channel model.

$\arg\max_w p(w) \, p(\text{typed} | w)$: the language model gives $p(w)$ of the
words in their context. The channel makes one edit of a word with probability
`EDIT`, two edits with its square, and all strings at the same distance are
equally likely. An edit inserts, deletes or replaces a letter, or swaps two
adjacent ones.

Reference: Kernighan, Church & Gale, A Spelling Correction Program Based on a
Noisy Channel Model, 1990; Damerau, A Technique for Computer Detection and
Correction of Spelling Errors, 1964.
"""

import math

import numpy as np
import tensorflow as tf

from apps.language_model.model import vocabulary

EDIT = 0.05
MAX_EDITS = 2
BEAM_WIDTH = 16
LETTERS = 26


def distances(word: str, candidates: list[str]) -> np.ndarray:
    """Returns the number of edits between each candidate and a word.

    The dynamic program runs for all candidates at once, a row of its table for
    each letter of the longest one.
    """
    longest = max(map(len, candidates), default=0)
    letters = np.zeros((len(candidates), longest), np.int32)
    for row, candidate in zip(letters, candidates):
        row[: len(candidate)] = [*map(ord, candidate)]
    typed = [*map(ord, word)]
    rows = [np.tile(np.arange(len(word) + 1), (len(candidates), 1))]
    for i in range(longest):
        above, row = rows[-1], np.full_like(rows[-1], i + 1)
        for j, letter in enumerate(typed):
            differs = letters[:, i] != letter
            costs = [above[:, j + 1] + 1, row[:, j] + 1, above[:, j] + differs]
            if i and j:
                is_swap = (letters[:, i] == typed[j - 1]) & (
                    letters[:, i - 1] == letter
                )
                costs.append(np.where(is_swap, rows[-2][:, j - 1] + 1, 99))
            row[:, j + 1] = np.min(costs, 0)
        rows.append(row)
    lengths = [len(candidate) for candidate in candidates]
    return np.stack(rows)[lengths, np.arange(len(candidates)), -1]


def corrections(word: str, tokens: list[str]) -> dict[int, float]:
    """Returns the possible intended ids, with log p(typed | id).

    The unknown token is one of them, as if typed letter by letter.

    Args:
      word: As typed.
      tokens: The vocabulary.
    """
    channel = {vocabulary.UNKNOWN: -(len(word) + 1) * math.log(LETTERS + 1)}
    near = [
        index
        for index, token in enumerate(tokens)
        if abs(len(token) - len(word)) <= MAX_EDITS
    ]
    edits = distances(word, [tokens[index] for index in near])
    for index, count in zip(near, edits.tolist()):
        if count <= MAX_EDITS:
            length = len(tokens[index])
            # Strings one edit away: deletions, swaps, replacements, insertions.
            strings = 2 * length + (2 * length + 1) * LETTERS
            channel[vocabulary.FIRST + index] = count * math.log(EDIT / strings)
    return channel


def correct(model, line: str) -> str:
    """Returns a line of the words that were probably intended.

    Args:
      model: A `LanguageModel` of words.
      line: Words separated by white space.
    """
    order = -1 if model.vocabulary.backward else 1
    words = line.split()[::order]
    tokens = model.vocabulary.tokens
    step = tf.function(
        model.network.step, reduce_retracing=True, autograph=False
    )
    start = tf.constant([vocabulary.END])
    logits, states = step(start, model.network.zero_states(1))
    beam = [(0.0, [])]  # Log probabilities and ids of hypotheses.
    for word in words:
        channel = corrections(word, tokens)
        ids = np.array([*channel])
        totals = tf.nn.log_softmax(logits).numpy()[:, ids]
        totals += np.array([*channel.values()])
        totals += np.array([total for total, _ in beam])[:, None]
        best = np.argsort(-totals, axis=None, kind="stable")[:BEAM_WIDTH]
        rows, columns = np.unravel_index(best, totals.shape)
        beam = [
            (totals[row, column], [*beam[row][1], ids[column]])
            for row, column in zip(rows, columns)
        ]
        states = [tf.gather(state, rows) for state in states]
        logits, states = step(tf.constant(ids[columns], tf.int32), states)
    _, intended = beam[0]
    corrected = [
        word
        if token == vocabulary.UNKNOWN
        else tokens[token - vocabulary.FIRST]
        for word, token in zip(words, intended)
    ]
    return " ".join(corrected[::order])
