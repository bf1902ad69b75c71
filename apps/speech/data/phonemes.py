"""The sounds of the invented language: one for each letter.

A sound is a row of parts, each with targets that the synthesizer glides
between: resonances of the vocal tract (formants), the loudness of the voice and
of noise, and the band of the noise.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a sound, as an average speaker says it.

    Attributes:
      seconds: Duration.
      formants: Frequencies of the first three, in Hz.
      voice: Amplitude of the harmonics; 1 is that of a vowel.
      noise: Amplitude of the noise.
      band: Center and width of the noise, in Hz.
      damping: Bandwidths of the formants, as a multiple of those of a vowel.
    """

    seconds: float
    formants: tuple[float, float, float]
    voice: float = 0.0
    noise: float = 0.0
    band: tuple[float, float] = (1500.0, 1500.0)
    damping: float = 1.0


def _vowel(seconds, *formants):
    return (Part(seconds, formants, voice=1.0),)


def _sonorant(seconds, voice, damping, *formants):
    return (Part(seconds, formants, voice=voice, damping=damping),)


def _fricative(noise, band, *formants):
    return (Part(0.075, formants, noise=noise, band=band),)


def _stop(noise, band, *formants):
    """Returns a closure, a burst, and a short breath."""
    closure = Part(0.05, formants)
    burst = Part(0.015, formants, noise=noise, band=band)
    breath = Part(0.015, formants, noise=0.2 * noise, band=band)
    return closure, burst, breath


SOUNDS = {
    "a": _vowel(0.09, 750, 1250, 2500),
    "e": _vowel(0.08, 480, 1850, 2500),
    "i": _vowel(0.072, 290, 2250, 2950),
    "o": _vowel(0.085, 480, 900, 2400),
    "u": _vowel(0.078, 310, 720, 2250),
    "m": _sonorant(0.06, 0.35, 2.0, 260, 1000, 2200),
    "n": _sonorant(0.058, 0.35, 2.0, 280, 1650, 2600),
    "l": _sonorant(0.058, 0.6, 1.3, 360, 1150, 2750),
    "r": _sonorant(0.05, 0.5, 1.3, 430, 1300, 1650),
    "s": _fricative(0.6, (3300, 450), 320, 1700, 2600),
    "f": _fricative(0.3, (1900, 1300), 330, 1000, 2300),
    "p": _stop(0.8, (700, 500), 300, 850, 2200),
    "t": _stop(0.8, (3000, 700), 300, 1750, 2700),
    "k": _stop(0.8, (1700, 350), 300, 2050, 2300),
}
