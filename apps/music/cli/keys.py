"""Names of notes and keys, and the key of a piece."""

import re

import numpy as np

from common.errors import UsageError

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_KEY = re.compile("([A-Ga-g])([#b]?)(m?)")
# Mean ratings of how well each pitch class fits a key, from the tonic on, for
# major and minor (Krumhansl & Kessler 1982).
_PROFILES = {
    False: [
        *(6.35, 2.23, 3.48, 2.33, 4.38, 4.09),
        *(2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    ],
    True: [
        *(6.33, 2.68, 3.52, 5.38, 2.60, 3.53),
        *(2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ],
}


def parse(text: str) -> tuple[int, bool]:
    """Returns the pitch class of the tonic, and whether the key is minor.

    Args:
      text: Such as C, F#, Bb or Am.

    Raises:
      UsageError: It is not a key.
    """
    match = _KEY.fullmatch(text)
    if not match:
        raise UsageError(
            f"--key={text} is not a key: use a name such as C, F#, Bb or Am."
        )
    letter, accidental, minor = match.groups()
    change = {"": 0, "#": 1, "b": -1}[accidental]
    return (_NATURAL[letter.upper()] + change) % 12, bool(minor)


def name(tonic: int, is_minor: bool) -> str:
    """Returns the name of a key."""
    return NAMES[tonic] + ("m" if is_minor else "")


def note(pitch: int) -> str:
    """Returns the name of a MIDI pitch; C4 is the middle C, 60."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def estimate(pitches: np.ndarray) -> tuple[int, bool]:
    """Returns the most probable key of a piece.

    Its pitch classes correlate best with the profile of the key.

    Args:
      pitches: int (notes,); MIDI pitches of all frames.

    Reference: Krumhansl, Cognitive Foundations of Musical Pitch, 1990.
    """
    counts = np.bincount(pitches % 12, minlength=12)
    centered = counts - counts.mean()
    scores = {
        (tonic, is_minor): np.roll(_centered(profile), tonic) @ centered
        for is_minor, profile in _PROFILES.items()
        for tonic in range(12)
    }
    return max(scores, key=scores.get)


def _centered(profile):
    profile = np.array(profile) - np.mean(profile)
    return profile / np.linalg.norm(profile)
