"""Synthetic sentences of a grammar that knows how probable each word is.

A subject decides, by its kind and its number, on the verb, however many words
stand between: phrases, relative clauses with a subject and a verb of their own,
and remarks in brackets, which nest, and of three kinds, which close in the
order in which they were opened. What n-grams see of the last words does not
tell.

The grammar is a stack: each choice takes one symbol off and puts some on, and
no word can come from two of the choices. So the probability of a word, given
all that stands before it, is known: that of a line is the product, and nobody
can predict better.
"""

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
VERBS = {  # Each in the singular; "s" comes off in the plural.
    "person": "says thinks writes sings laughs",
    "animal": "sleeps barks eats hides runs",
    "machine": "starts stops breaks works hums",
    "firm": "opens grows fails pays hires",
}
ADJECTIVES = "old new small large local strange"
PREPOSITIONS = "near behind with without"
ADVERBS = "today again slowly often now"
SYMBOLS = "red blue green black white gray"
BRACKETS = {"(": ")", "[": "]", "{": "}"}
END = ""  # In place of a word: the end of the line.


def _sentence():
    return [(1.0, "the", (("noun", 2, True), ("tail",)))]


def _the(*noun):
    return [(1.0, "the", (("noun", *noun),))]


def _noun(room, acts):
    """A noun, maybe with adjectives, and all that hangs on it.

    Args:
      room: how deep what describes it may nest.
      acts: whether it has a verb.
    """
    again = (("noun", room, acts),)
    found = [(0.2 * p, word, again) for word, p in _zipf(ADJECTIVES)]
    for (kind, nouns), plural in itertools.product(NOUNS.items(), (0, 1)):
        verb = (("verb", kind, plural),) if acts else ()
        for noun, p in _zipf(nouns):
            word = PLURALS.get(noun, f"{noun}s") if plural else noun
            found.append((0.1 * p, word, (("described", room), *verb)))
    return found


def _described(room):
    """What may stand between a noun and its verb."""
    if not room:
        return [(1.0, None, ())]
    clause, phrase = ((("the", room - 1, acts),) for acts in (True, False))
    found = [(0.3, None, ()), (0.25, "that", clause)]
    found += [(0.25 * p, word, phrase) for word, p in _zipf(PREPOSITIONS)]
    for opened, closed in BRACKETS.items():
        found.append((0.2 / 3, opened, (("inside", closed, 2),)))
    return found


def _inside(closed, room):
    """What stands in brackets, and the one that closes them.

    Args:
      closed: the closing bracket.
      room: how deep further brackets may nest.
    """
    again = ("inside", closed, room)
    found = [(0.25 if room else 0.4, closed, ())]
    found += [(0.6 * p, word, (again,)) for word, p in _zipf(SYMBOLS)]
    for opened, other in BRACKETS.items() if room else ():
        found.append((0.05, opened, (("inside", other, room - 1), again)))
    return found


def _verb(kind, plural):
    return [
        (p, verb.removesuffix("s") if plural else verb, ())
        for verb, p in _zipf(VERBS[kind])
    ]


def _tail():
    found = [(0.5, END, ()), (0.2, "and", (("sentence",),))]
    return found + [(0.3 * p, word, (("tail",),)) for word, p in _zipf(ADVERBS)]


def _zipf(words):
    """Yields words and their shares: each n-th one has 1/n of the first's."""
    words = words.split()
    total = sum(1 / n for n in range(1, len(words) + 1))
    for n, word in enumerate(words, 1):
        yield word, 1 / n / total


SYMBOLS_OF_THE_GRAMMAR = {
    "sentence": _sentence,
    "the": _the,
    "noun": _noun,
    "described": _described,
    "inside": _inside,
    "verb": _verb,
    "tail": _tail,
}


@functools.cache
def _choices(symbol):
    """Returns what a symbol can become.

    A choice is its probability; its word, None if there is none and what is
    below on the stack decides; and the symbols that it puts on the stack, the
    first of them on top.
    """
    name, *facts = symbol
    return SYMBOLS_OF_THE_GRAMMAR[name](*facts)


@functools.cache
def following(stack: tuple) -> dict[str, tuple[float, tuple]]:
    """Returns the words that can follow, with probabilities and next stacks.

    Args:
      stack: of symbols, the first of them on top.
    """
    top, *below = stack
    found = {}
    for p, word, symbols in _choices(top):
        rest = (*symbols, *below)
        if word is None:
            for word, (q, stack) in following(rest).items():
                found[word] = p * q, stack
        else:
            found[word] = p, rest
    return found


START = (("sentence",),)


def lines(count: int, seed: str) -> list[str]:
    """Returns `count` synthetic lines."""
    rng = random.Random(seed)
    return [_line(rng) for _ in range(count)]


def _line(rng):
    words, stack = [], START
    while not words or words[-1] != END:
        options = following(stack)
        shares = [p for p, _ in options.values()]
        words += rng.choices(list(options), shares)
        _, stack = options[words[-1]]
    return " ".join(words[:-1])


def log_probability(line: str) -> float:
    """Returns the true one of a line, its end included, in nats.

    Raises:
      ValueError: the grammar has no such line.
    """
    total, stack = 0.0, START
    for word in [*line.split(), END]:
        options = following(stack)
        if word not in options:
            raise ValueError(f"no {word!r} can follow in {line!r}.")
        p, stack = options[word]
        total += math.log(p)
    return total
