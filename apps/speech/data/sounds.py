"""Noises, rooms and loudness, of synthetic and of real recordings."""

import numpy as np

NOISE = (3.0, 25.0)  # Decibels of speech above the noise.
LEVEL = (-35.0, -12.0)  # Decibels of speech, relative to full scale.
EDGE = (0.0, 0.2)  # Seconds of noise at either end of speech.
REVERBERATED = 0.5  # Share of the recordings.
COLORED = 0.75  # Share of noises from white to brown; the others are a band.
HUMMING = 0.2  # Share of noises with a hum.
BEEPS = (3, 6)  # Fewest and most in a recording.
BEEP_SECONDS = (0.05, 0.25)
BEEP_HERTZ = (200.0, 3500.0)
SWEEP = 0.3  # Largest share by which the frequency of a beep changes.
BEEP_LEVEL = (-3.0, 9.0)  # Decibels relative to speech.
WORDLESS_LEVEL = (-70.0, -15.0)  # Decibels, where nobody speaks.
SILENT = 0.15  # Share of the recordings without words that are all zeros.
TAIL = (0.05, 0.2)  # Seconds in which a room's reverberation decays.
NOISE_SECONDS = (0.3, 2.5)  # Of recordings without words.
PEAK = 0.99  # Of the samples, so that none is clipped.


def noise(count: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Returns noise with the mean power one, float32 (time,).

    Its color is any from white to brown, or that of a band; in a part of them
    there is a hum of 50 or 60 Hz.

    Args:
      count: Number of samples, at least one.
      rate: Samples a second.
      rng: Draws it.
    """
    size = 2 ** max(6, (count - 1).bit_length())  # Fast to transform.
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    if rng.uniform() < COLORED:
        gain = np.maximum(hertz, 20) ** -rng.uniform(0, 1)
    else:
        center = rng.uniform(200, 0.45 * rate)
        gain = np.exp(-0.5 * ((hertz - center) / rng.uniform(200, 1000)) ** 2)
    samples = np.fft.irfft(spectrum * gain)[:count]
    samples /= _level(samples)
    if rng.uniform() < HUMMING:
        phase = 2 * np.pi * rng.choice([50, 60]) * np.arange(count) / rate
        hum = np.sin(phase) + rng.uniform() * np.sin(2 * phase)
        samples = samples + rng.uniform(0.3, 2) * hum / _level(hum)
        samples /= _level(samples)
    return samples.astype(np.float32)


def beeps(count: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Returns beeps and sweeps at random times, float32 (time,).

    Their levels are relative to a mean power of one.

    Args:
      count: Number of samples.
      rate: Samples a second.
      rng: Draws them.
    """
    samples = np.zeros(count, np.float32)
    for _ in range(rng.integers(BEEPS[0], BEEPS[1] + 1)):
        size = min(count, int(rng.uniform(*BEEP_SECONDS) * rate))
        start = rng.integers(count - size + 1)
        hertz = np.exp(rng.uniform(*np.log(BEEP_HERTZ)))
        change = rng.uniform(-SWEEP, SWEEP) * np.linspace(0, 1, size)
        phase = 2 * np.pi * np.cumsum(hertz * (1 + change)) / rate
        level = decibels(rng.uniform(*BEEP_LEVEL)) * np.sqrt(2)
        samples[start : start + size] += (
            level * np.hanning(size) * np.sin(phase)
        )
    return samples


def reverberated(
    samples: np.ndarray, rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns samples as in a room, float32 (time,), of the same length."""
    decay = rng.uniform(*TAIL)
    count = int(2 * decay * rate)
    tail = rng.standard_normal(count)
    tail *= np.exp(-3 * np.arange(count) / rate / decay)
    tail *= rng.uniform(0.1, 0.5) / np.linalg.norm(tail)
    tail[0] = 1  # The direct sound.
    size = 2 ** (len(samples) + count - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(tail, size)
    return np.fft.irfft(spectrum)[: len(samples)].astype(np.float32)


def recorded(
    spoken: np.ndarray, rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns synthetic speech with noise, maybe in a room, int16 (time,)."""
    edges = [int(rng.uniform(*EDGE) * rate) for _ in range(2)]
    samples = np.pad(spoken / _level(spoken), edges)
    if rng.uniform() < REVERBERATED:
        samples = reverberated(samples, rate, rng)
    background = noise(len(samples), rate, rng)
    samples += decibels(-rng.uniform(*NOISE)) * background
    samples += beeps(len(samples), rate, rng)
    return pcm(decibels(rng.uniform(*LEVEL)) * samples)


def without_words(rate: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a recording in which nobody speaks, int16 (time,)."""
    count = int(rng.uniform(*NOISE_SECONDS) * rate)
    if rng.uniform() < SILENT:
        return np.zeros(count, np.int16)
    samples = noise(count, rate, rng) + beeps(count, rate, rng)
    return pcm(samples * decibels(rng.uniform(*WORDLESS_LEVEL)))


def decibels(level: float) -> float:
    """Returns the factor on samples of a change of their level."""
    return 10 ** (level / 20)


def pcm(samples: np.ndarray) -> np.ndarray:
    """Returns samples of 16 bits, int16; too loud ones are scaled down."""
    samples = samples * min(1, PEAK / max(PEAK, np.abs(samples).max()))
    return np.rint(samples * 2**15).astype(np.int16)


def _level(samples):
    return np.sqrt(np.mean(np.square(samples))) + 1e-9
