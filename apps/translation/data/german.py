"""German morphology: numbers in words, articles and endings that agree."""

import functools
import re

from apps.translation.data import lexicon

ONES = """null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf
dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"""
TENS = """zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"""
# Irregular ones.
ORDINALS = {1: "ersten", 3: "dritten", 7: "siebten", 8: "achten"}

# Definite article; endings of "ein" and "mein", of adjectives after the
# definite article, and of adjectives after "ein" and "mein".
SINGULAR = {
    ("m", "nominative"): ("der", "", "e", "er"),
    ("f", "nominative"): ("die", "e", "e", "e"),
    ("n", "nominative"): ("das", "", "e", "es"),
    ("m", "accusative"): ("den", "en", "en", "en"),
    ("f", "accusative"): ("die", "e", "e", "e"),
    ("n", "accusative"): ("das", "", "e", "es"),
}
PRONOUNS = {"m": "ihn", "f": "sie", "n": "es"}


def number(n: int) -> str:
    """Returns 0 to 9999 in words, in which the ones precede the tens."""
    if n >= 100:
        size, word = (1000, "tausend") if n >= 2000 else (100, "hundert")
        rest = number(n % size) if n % size else ""
        return before(n // size) + word + rest
    if n < 20:
        return ONES.split()[n]
    tens = TENS.split()[n // 10 - 2]
    return f"{before(n % 10)}und{tens}" if n % 10 else tens


def before(n: int) -> str:
    """Returns a number in words as it is written before another word."""
    return "ein" if n == 1 else number(n)


def ordinal(n: int) -> str:
    """Returns the ordinal number of a day, 1 to 31, in the dative case."""
    return ORDINALS.get(n) or number(n) + ("ten" if n < 20 else "sten")


def numbers(text: str) -> list[str]:
    """Returns the numbers, ordinal numbers, months and weekdays of a text.

    "Ein" is not one of them: it may be an article.
    """
    return [w for w in re.findall(r"\w+", text.lower()) if w in _date_words()]


@functools.cache
def _date_words():
    names = f"{lexicon.MONTHS}\n{lexicon.DAYS}".split("\n")
    return {
        *map(number, range(2, 10_000)),
        *map(ordinal, range(1, 32)),
        *(name.split()[1].lower() for name in names),
    }


def noun_phrase(
    determiner: str,
    adjectives: list[str],
    noun: tuple[str, str, str],
    count: int,
    case: str,
) -> str:
    """Returns determiner, adjectives and noun, with endings that agree.

    Args:
      determiner: "der", or a word with the endings of "ein"; "" for none.
      adjectives: Without endings.
      noun: Gender, singular and plural.
      count: 0 for a plural without a number.
      case: "nominative" or "accusative".
    """
    gender, singular, plural = noun
    if count == 1:
        article, suffix, weak, mixed = SINGULAR[gender, case]
        ending = weak if determiner == "der" else mixed
        first = article if determiner == "der" else determiner + suffix
        words = [first, *(_inflected(a, ending) for a in adjectives), singular]
        return " ".join(words)
    first = {"der": "die", "": ""}.get(determiner, determiner + "e")
    ending = "en" if determiner else "e"
    amount = number(count) if count else ""
    inflected = [_inflected(a, ending) for a in adjectives]
    words = [first, amount, *inflected, plural]
    return " ".join(word for word in words if word)


def _inflected(adjective, ending):
    """Returns an adjective with its ending: alt, alter; müde, müder."""
    return adjective.removesuffix("e") + ending
