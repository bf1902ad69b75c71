"""Synthetic English sentences and their German translations.

Translating word by word fails: articles and adjectives agree with the gender,
number and case of a noun that comes later; the finite verb is second in
statements, first in questions, last after "weil" and "dass", and infinitives
and participles move to the end; "it" takes the gender of its noun; "not a" is
one word; numbers and dates are digits in English and words in German, in which
the ones precede the tens.
"""

import random

from apps.translation.data import clauses
from apps.translation.data import german
from apps.translation.data import lexicon


def pairs(count: int, seed: str) -> list[tuple[str, str]]:
    """Returns `count` sentences and their translations."""
    rng = random.Random(seed)
    patterns = [
        _statement,
        _statement,
        _question,
        _reason,
        _reported,
        _two_verbs,
    ]
    return [
        tuple(text[0].upper() + text[1:] for text in rng.choice(patterns)(rng))
        for _ in range(count)
    ]


def _statement(rng):
    clause, (time, zeit) = clauses.clause(rng), _time(rng)
    if time and rng.random() < 0.4:
        return (
            f"{time}, {clause.english()}.",
            f"{clause.verb_second(first=zeit)}.",
        )
    return f"{clause.english(time)}.", f"{clause.verb_second(zeit)}."


def _question(rng):
    clause, (time, zeit) = clauses.clause(rng), _time(rng)
    return f"{clause.question(time)}?", f"{clause.verb_first(zeit)}?"


def _reason(rng):
    clause, reason = clauses.clause(rng), clauses.clause(rng)
    time, zeit = _time(rng)
    return (
        f"{clause.english()} because {reason.english(time)}.",
        f"{clause.verb_second()}, weil {reason.verb_last(zeit)}.",
    )


def _reported(rng):
    speaker, clause = clauses.person(rng), clauses.clause(rng)
    time, zeit = _time(rng)
    say, sagt = ("say", "sagen") if speaker.plural else ("says", "sagt")
    return (
        f"{speaker.english} {say} that {clause.english(time)}.",
        f"{speaker.nominative} {sagt}, dass {clause.verb_last(zeit)}.",
    )


def _two_verbs(rng):
    person, thing = clauses.person(rng), clauses.thing(rng)
    (first, erstes), (second, zweites) = (
        clauses.present(verb, person.plural)
        for verb in rng.sample(lexicon.VERBS.split("\n"), 2)
    )
    it, es = thing.pronouns
    return (
        f"{person.english} {first} {thing.english} and {second} {it}.",
        f"{person.nominative} {erstes} {thing.accusative} und {zweites} {es}.",
    )


def _time(rng):
    """Draws a time in English and German; empty for most sentences."""
    day, year = rng.randint(1, 31), rng.randint(1100, 2099)
    month, monat = clauses.pick(rng, lexicon.MONTHS).split()
    weekday, tag = clauses.pick(rng, lexicon.DAYS).split()
    hour = rng.randint(1, 12)
    zeit = f"am {german.ordinal(day)} {monat}"
    year_in_words = german.number(year)
    return rng.choice(
        [
            *[("", "")] * 4,
            (f"on {weekday}", f"am {tag}"),
            (f"on {month} {day}", zeit),
            (f"on {month} {day}, {year}", f"{zeit} {year_in_words}"),
            (f"in {year}", f"im Jahr {year_in_words}"),
            (f"at {hour} o'clock", f"um {german.before(hour)} Uhr"),
        ]
    )
