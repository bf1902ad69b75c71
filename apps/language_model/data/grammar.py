"""A grammar of synthetic sentences that knows the probability of each word.

The kind and number of a subject determine its verb, however many words stand
in between: prepositional phrases, relative clauses with a subject and a verb of
their own, and remarks in nested brackets of three kinds, which close in the
reverse order of their opening. The last few words, all that n-grams see, do
not determine the verb.

The grammar is a pushdown automaton: each choice pops one symbol off a stack
and pushes others, and no word can result from two of the choices. Hence the
probability of a word given all words before it is known, and that of a line
is their product: no model can predict better.
"""

import bisect
import functools
import itertools
import math
import random

NOUNS = {
    "person": """man woman student lawyer farmer director president child
        teacher writer""",
    "animal": "dog horse bird wolf cat bear goat duck",
    "machine": "car engine plane clock truck printer pump radio",
    "firm": "company bank store agency hotel airline school court",
}
PLURALS = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "wolf": "wolves",
    "company": "companies",
    "agency": "agencies",
}
VERBS = {  # In the singular; the plural has no "s".
    "person": "says thinks writes sings laughs",
    "animal": "sleeps barks eats hides runs",
    "machine": "starts stops breaks works hums",
    "firm": "opens grows fails pays hires",
}
ADJECTIVES = "old new small large local strange"
PREPOSITIONS = "near behind with without"
ADVERBS = "today again slowly often now"
REMARKS = "red blue green black white gray"
BRACKETS = {"(": ")", "[": "]", "{": "}"}
END = ""  # In place of a word: the end of the line.

# Each function below expands one symbol of the grammar. It returns a list of
# choices: the probability; the word, or None if the symbol below on the stack
# decides; and the symbols to push, the first of them on top.


def _sentence():
    return [(1.0, "the", (("noun", 2, True), ("tail",)))]


def _the(*noun):
    return [(1.0, "the", (("noun", *noun),))]


def _noun(depth, has_verb):
    """Expands to a noun, perhaps after adjectives, and its description.

    Args:
      depth: How deep the description may nest.
      has_verb: Whether the noun is a subject.
    """
    same = (("noun", depth, has_verb),)
    choices = [(0.2 * p, word, same) for word, p in _zipf(ADJECTIVES)]
    for (kind, nouns), plural in itertools.product(NOUNS.items(), (0, 1)):
        verb = (("verb", kind, plural),) if has_verb else ()
        for noun, p in _zipf(nouns):
            word = PLURALS.get(noun, f"{noun}s") if plural else noun
            choices.append((0.1 * p, word, (("description", depth), *verb)))
    return choices


def _description(depth):
    """Expands to the words between a noun and its verb."""
    if not depth:
        return [(1.0, None, ())]
    clause, phrase = (
        (("the", depth - 1, has_verb),) for has_verb in (True, False)
    )
    choices = [(0.3, None, ()), (0.25, "that", clause)]
    choices += [(0.25 * p, word, phrase) for word, p in _zipf(PREPOSITIONS)]
    for opening, closing in BRACKETS.items():
        choices.append((0.2 / 3, opening, (("remark", closing, 2),)))
    return choices


def _remark(closing, depth):
    """Expands to the words in brackets and the closing bracket.

    Args:
      closing: The closing bracket.
      depth: How deep further brackets may nest.
    """
    same = ("remark", closing, depth)
    choices = [(0.25 if depth else 0.4, closing, ())]
    choices += [(0.6 * p, word, (same,)) for word, p in _zipf(REMARKS)]
    for opening, inner in BRACKETS.items() if depth else ():
        choices.append((0.05, opening, (("remark", inner, depth - 1), same)))
    return choices


def _verb(kind, plural):
    return [
        (p, verb.removesuffix("s") if plural else verb, ())
        for verb, p in _zipf(VERBS[kind])
    ]


def _tail():
    choices = [(0.5, END, ()), (0.2, "and", (("sentence",),))]
    return choices + [
        (0.3 * p, word, (("tail",),)) for word, p in _zipf(ADVERBS)
    ]


def _zipf(words):
    """Yields words and their probabilities: the n-th has 1/n of the first's."""
    words = words.split()
    total = sum(1 / n for n in range(1, len(words) + 1))
    for n, word in enumerate(words, 1):
        yield word, 1 / n / total


EXPANSIONS = {
    "sentence": _sentence,
    "the": _the,
    "noun": _noun,
    "description": _description,
    "remark": _remark,
    "verb": _verb,
    "tail": _tail,
}


@functools.cache
def _choices(symbol):
    """Returns the choices of a symbol: the name of its expansion, arguments."""
    name, *arguments = symbol
    return EXPANSIONS[name](*arguments)


@functools.cache
def next_words(stack: tuple) -> dict[str, tuple[float, tuple]]:
    """Returns the possible next words, with probabilities and next stacks.

    Args:
      stack: Symbols, the first of them on top.
    """
    top, *below = stack
    words = {}
    for p, word, symbols in _choices(top):
        rest = (*symbols, *below)
        if word is None:
            for word, (q, stack) in next_words(rest).items():
                words[word] = p * q, stack
        else:
            words[word] = p, rest
    return words


START = (("sentence",),)


def lines(count: int, seed: str) -> list[str]:
    """Returns `count` synthetic lines."""
    rng = random.Random(seed)
    return [_line(rng) for _ in range(count)]


def _line(rng):
    words, stack = [], START
    while not words or words[-1] != END:
        options, cumulative = _sampling_table(stack)
        # As `rng.choices` does, without its overhead.
        drawn = rng.random() * cumulative[-1]
        index = bisect.bisect(cumulative, drawn, 0, len(options) - 1)
        word, stack = options[index]
        words.append(word)
    return " ".join(words[:-1])


@functools.cache
def _sampling_table(stack):
    """Returns pairs of next word and stack, and cumulative probabilities."""
    words = next_words(stack)
    options = [(word, after) for word, (_, after) in words.items()]
    return options, [*itertools.accumulate(p for p, _ in words.values())]


def log_probability(line: str) -> float:
    """Returns the true log probability of a line and its end, in nats.

    Raises:
      ValueError: The grammar cannot generate the line.
    """
    total, stack = 0.0, START
    for word in [*line.split(), END]:
        options = next_words(stack)
        if word not in options:
            raise ValueError(f"{word!r} cannot follow in {line!r}.")
        p, stack = options[word]
        total += math.log(p)
    return total
