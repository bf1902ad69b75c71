"""The invented language of the sample: its words, and which follow which."""

import functools

import numpy as np

WORDS = (
    *("mano", "manu", "mino", "tela", "tera", "telu", "kasi", "kafi", "kasu"),
    *("pilo", "piro", "polu", "soma", "sona", "fema", "fena", "lako", "lapo"),
    *("lato", "remi", "reni", "rumeka", "rumepa", "tanilo", "taniro"),
    *("kosemu", "kofemu", "pelina", "perina", "safuto", "sifuto", "niskara"),
    *("faltona", "fartona", "nekolami", "nekorami", "mufatesi", "mufakesi"),
    *("kimpa", "lisamupo"),
)
LENGTHS = (0.2, 0.35, 0.25, 0.15, 0.05)  # Shares of sentences of 1 to 5 words.
SUCCESSORS = 6  # Usual ones of a word.
USUAL = 0.9  # Share of words that are usual after the one before.


def draw_sentence(rng: np.random.Generator) -> str:
    """Returns one to five words, separated by spaces."""
    count = 1 + int(rng.choice(len(LENGTHS), p=LENGTHS))
    words = [int(rng.integers(len(WORDS)))]
    while len(words) < count:
        words.append(int(rng.choice(len(WORDS), p=_transitions()[words[-1]])))
    return " ".join(WORDS[word] for word in words)


@functools.cache
def _transitions():
    """Returns the probabilities of words after a word, (words, words)."""
    rng = np.random.default_rng(1)
    rows = np.full([len(WORDS), len(WORDS)], (1 - USUAL) / len(WORDS))
    weights = 1 / np.arange(1, SUCCESSORS + 1)
    for row in rows:
        usual = rng.choice(len(WORDS), SUCCESSORS, replace=False)
        row[usual] += USUAL * weights / weights.sum()
    return rows / rows.sum(1, keepdims=True)
