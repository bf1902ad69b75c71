"""Automata that score the prefixes of a search: a word list, word counts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from common import errors

FORBIDDEN = -1e30  # The log probability of what must not occur.


class Automaton(NamedTuple):
    """A table of the log probability of each token after each state.

    State 0 is the start. The blank, token 0, has the log probability 0 and
    leaves each state as it is.

    Attributes:
      log_probs: float32 (states, 1 + tokens); `FORBIDDEN` where a token must
        not follow.
      next_states: int32 (states, 1 + tokens).
      final: float32 (states,); log probability of ending in each state.
    """

    log_probs: np.ndarray
    next_states: np.ndarray
    final: np.ndarray


def from_words(
    words: Iterable[str], characters: Sequence[str], separator: str = " "
) -> Automaton:
    """Returns an automaton that allows the words of a list and no others.

    A text is empty, or words with a separator between two of them. It is a trie
    with a state for each beginning of a word.

    Args:
      words: The list.
      characters: The tokens from 1 on.
      separator: The character between two words. If it is none of
        `characters`, a text has one word.

    Raises:
      UserError: The list is empty, or a word has the separator or a character
        that is not among `characters`.
    """
    tokens = {c: token for token, c in enumerate(characters, 1)}
    tree: list[dict[int, int]] = [{}]  # Children of each state, by token.
    ends = set()
    for word in words:
        state = 0
        for token in _spelled(word, tokens, separator):
            state = tree[state].setdefault(token, len(tree))
            if state == len(tree):
                tree.append({})
        ends.add(state)
    ends.discard(0)
    if not ends:
        raise errors.UserError("the word list has no words; add some.")
    return _word_automaton(tree, ends, tokens, separator)


def _spelled(word, tokens, separator):
    """Returns the tokens of a word."""
    for character in word:
        if character == separator or character not in tokens:
            known = "".join(c for c in tokens if c != separator)
            raise errors.UserError(
                f"{word!r} has the character {character!r}, which "
                f"the model does not write in a word; it writes {known!r}."
            )
    return [tokens[character] for character in word]


def _word_automaton(tree, ends, tokens, separator):
    """Returns the automaton of a trie; its last state is after a separator."""
    states = len(tree) + 1
    log_probs = np.full((states, 1 + len(tokens)), FORBIDDEN, np.float32)
    next_states = np.zeros_like(log_probs, np.int32)
    final = np.full(states, FORBIDDEN, np.float32)
    for state, children in enumerate([*tree, tree[0]]):
        if state in ends and separator in tokens:
            children = {**children, tokens[separator]: len(tree)}
        for token, child in children.items():
            log_probs[state, token] = 0
            next_states[state, token] = child
    log_probs[:, 0], next_states[:, 0] = 0, np.arange(states)
    final[[0, *ends]] = 0
    return Automaton(log_probs, next_states, final)


def count_words(characters: Sequence[str], separator: str = " ") -> Automaton:
    """Returns an automaton whose score is the number of words of a text.

    Its weight is a bonus for each word: language models favor short texts.

    Args:
      characters: The tokens from 1 on.
      separator: The character between words.
    """
    starts = np.array([0, *(c != separator for c in characters)], np.float32)
    # The state is whether the last token was a character of a word.
    after = np.stack([starts, starts]).astype(np.int32)
    after[:, 0] = 0, 1
    scores = np.stack([starts, np.zeros_like(starts)])
    return Automaton(scores, after, np.zeros(2, np.float32))
