"""Transcripts: one form of writing for all data sets."""

import unicodedata

APOSTROPHE = "'"
# Written as apostrophes: ’ ‘ ʼ ′ ` ´ and the full-width one.
APOSTROPHES = dict.fromkeys(
    map(ord, "\u2019\u2018\u02bc\u2032`\u00b4\uff07"), APOSTROPHE
)
# Joiners, which are part of the spelling in Persian and Indic scripts.
JOINERS = "\u200c\u200d"


def normalize(text: str) -> str:
    """Returns a transcript in lower case, without punctuation.

    In this order: Unicode's composed form (NFC); lower case; all apostrophes
    are straight; punctuation, symbols (so also hyphens) and control characters
    are spaces, except apostrophes next to a letter; invisible format characters
    are left out; words are separated by one space.

    Numbers and symbols are not spelled out: "5 %" becomes "5".

    Raises:
      ValueError: Nothing is left of a text that is not empty. Without words,
        a transcript is empty.
    """
    lower = unicodedata.normalize("NFC", text).lower().translate(APOSTROPHES)
    # Lower case of a composed letter may be two characters.
    lower = f" {unicodedata.normalize('NFC', lower)} "
    kept = "".join(
        _written(*characters)
        for characters in zip(lower, lower[1:], lower[2:], strict=False)
    )
    words = " ".join(kept.split())
    if text.strip() and not words:
        raise ValueError(
            f"the transcript {text.strip()[:60]!r} has no letters: leave it "
            "empty if nobody speaks"
        )
    return words


def _written(before, character, after):
    """Returns a character, a space, or nothing."""
    if character == APOSTROPHE:
        is_in_word = before.isalpha() or after.isalpha()
        return character if is_in_word else " "
    kind = unicodedata.category(character)
    if kind == "Cf":
        return character if character in JOINERS else ""
    return " " if kind[0] in "PSZC" else character
