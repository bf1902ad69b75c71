r"""A noisy channel: what was meant, given what was typed.

$\arg\max_w p(w) \, p(\text{typed} | w)$: the language model tells $p(w)$ of
words in their context; the channel makes one edit of a word with probability
`EDIT`, two with its square, and each of the strings at that distance is as
likely as any other. An edit puts in, leaves out or replaces a letter, or swaps
two neighbours.

Reference: Kernighan, Church & Gale, A Spelling Correction Program Based on a
Noisy Channel Model, 1990; Damerau, A Technique for Computer Detection and
Correction of Spelling Errors, 1964.
"""

import math

import numpy as np
import tensorflow as tf

from apps.language_model import vocabulary

EDIT = 0.05
FARTHEST = 2  # Edits.
WIDTH = 16  # Corrections of the words until now that are followed.
LETTERS = 26


def distances(word: str, others: list[str]) -> np.ndarray:
    """Returns how many edits lead from each of the others to a word.

    All at once: a row of the table for each letter of the longest word.
    """
    longest = max(map(len, others), default=0)
    letters = np.zeros((len(others), longest), np.int32)
    for row, other in zip(letters, others):
        row[: len(other)] = [*map(ord, other)]
    typed = [*map(ord, word)]
    rows = [np.tile(np.arange(len(word) + 1), (len(others), 1))]
    for i in range(longest):
        above, row = rows[-1], np.full_like(rows[-1], i + 1)
        for j, letter in enumerate(typed):
            other = letters[:, i] != letter
            steps = [above[:, j + 1] + 1, row[:, j] + 1, above[:, j] + other]
            if i and j:
                swapped = (letters[:, i] == typed[j - 1]) & (
                    letters[:, i - 1] == letter
                )
                steps.append(np.where(swapped, rows[-2][:, j - 1] + 1, 99))
            row[:, j + 1] = np.min(steps, 0)
        rows.append(row)
    lengths = [len(other) for other in others]
    return np.stack(rows)[lengths, np.arange(len(others)), -1]


def candidates(word: str, tokens: list[str]) -> dict[int, float]:
    """Returns which ids may have been meant, with log p(typed | id).

    The unknown word is one of them: it is typed letter by letter.

    Args:
      word: as typed.
      tokens: of the vocabulary.
    """
    found = {vocabulary.UNKNOWN: -(len(word) + 1) * math.log(LETTERS + 1)}
    near = [
        place
        for place, token in enumerate(tokens)
        if abs(len(token) - len(word)) <= FARTHEST
    ]
    edits = distances(word, [tokens[place] for place in near])
    for place, count in zip(near, edits.tolist()):
        if count <= FARTHEST:
            length = len(tokens[place])
            # Strings one edit away: left out, swapped, replaced, put in.
            strings = 2 * length + (2 * length + 1) * LETTERS
            found[vocabulary.FIRST + place] = count * math.log(EDIT / strings)
    return found


def correct(model, line: str) -> str:
    """Returns a line with the words that were probably meant.

    Args:
      model: a LanguageModel of words.
      line: words with white space between.
    """
    words = line.split()
    tokens = model.vocabulary.tokens
    start = tf.constant([vocabulary.END])
    step = tf.function(model.next, reduce_retracing=True)
    logits, states = step(start, model.network.zeros(1))
    beam = [(0.0, [])]
    for word in words:
        options = candidates(word, tokens)
        ids = np.array([*options])
        channel = np.array([*options.values()])
        logs = tf.nn.log_softmax(logits).numpy()[:, ids] + channel
        logs += np.array([score for score, _ in beam])[:, None]
        best = np.argsort(-logs, axis=None, kind="stable")[:WIDTH]
        rows, columns = np.unravel_index(best, logs.shape)
        beam = [
            (logs[row, column], [*beam[row][1], ids[column]])
            for row, column in zip(rows, columns)
        ]
        states = [tf.gather(state, rows) for state in states]
        logits, states = step(tf.constant(ids[columns], tf.int32), states)
    _, meant = beam[0]
    return " ".join(
        word
        if token == vocabulary.UNKNOWN
        else tokens[token - vocabulary.FIRST]
        for word, token in zip(words, meant)
    )
