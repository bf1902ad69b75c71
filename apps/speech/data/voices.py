"""Synthetic voices: a sum of harmonics, and noise, both shaped by formants.

The parameters of a sound are its targets. They are smoothed over time, so that
formants glide from sound to sound and do not reach their targets in fast speech
(coarticulation). The amplitude of a harmonic is the sum of the resonances at
its frequency, computed for frames of 4 ms and interpolated.

Reference: Klatt 1980, Software for a Cascade/Parallel Formant Synthesizer.
"""

import dataclasses

import numpy as np

from apps.speech.data import phonemes

RATE = 8000  # Samples a second.
HOP = 32  # Samples of a frame.
SIZE = 128  # Of the Fourier transform that filters noise; it moves by a half.
HIGHEST = 3900.0  # Hz, of harmonics.
HIGHEST_FORMANT = 3500.0  # Hz, the fourth one, the same in all sounds.
BANDWIDTHS = (80.0, 100.0, 150.0, 250.0)  # Hz, of the formants of a vowel.
LEVELS = (1.0, 0.7, 0.4, 0.2)  # Of the formants.
GLIDE = 0.07  # Seconds that a formant takes from sound to sound.
ONSET = 0.015  # The same for amplitudes.
NO_ACCENT = (1.0, 1.0, 1.0)
STRETCH = 0.15  # Deviation of the logarithm of a duration.
SHIMMER = 0.08  # The same of the loudness of a frame.
PAUSE = 0.25  # Share of words with a pause before them.
PAUSES = (0.02, 0.12)  # Seconds.
SILENCE = phonemes.Part(0.03, (500, 1500, 2500))  # Before and after.


@dataclasses.dataclass(frozen=True)
class Voice:
    """A speaker.

    Attributes:
      pitch: Mean fundamental frequency in Hz.
      scale: Factor on all formants: a short vocal tract has high ones.
      slowness: Factor on durations.
      melody: Largest change of the pitch, as a share of it.
      tilt: Exponent of the decay of harmonics.
      breath: Amplitude of noise in the voice.
      jitter: Deviation of the pitch from frame to frame.
      accent: Factors on the formants of each sound.
    """

    pitch: float
    scale: float
    slowness: float
    melody: float
    tilt: float
    breath: float
    jitter: float
    accent: dict[str, np.ndarray]


def draw_voice(rng: np.random.Generator) -> Voice:
    """Returns a speaker; high voices tend to have high formants."""
    height = rng.uniform()
    mixed = np.clip(height + rng.normal(0, 0.2), 0, 1)
    return Voice(
        pitch=85 * (260 / 85) ** height,
        scale=0.8 * (1.25 / 0.8) ** mixed,
        slowness=0.7 * 2 ** rng.uniform(),
        melody=rng.uniform(0.05, 0.25),
        tilt=rng.uniform(0.1, 0.7),
        breath=rng.uniform(0.02, 0.15),
        jitter=rng.uniform(0.003, 0.015),
        accent={
            letter: rng.normal(1, 0.03, 3).astype(np.float32)
            for letter in phonemes.SOUNDS
        },
    )


def speak(text: str, voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """Returns the samples of a sentence, float32 (time,).

    Args:
      text: Letters of the language and spaces.
      voice: Speaks it.
      rng: Draws durations, pauses, pitch and noise.
    """
    parts, accents, frames = _parts(text, voice, rng)

    def targets(values):  # (parts, columns) -> (frames, columns)
        return np.repeat(np.array(values, np.float32), frames, axis=0)

    formants = targets([p.formants for p in parts]) * targets(accents)
    formants = voice.scale * _smooth(formants, GLIDE * voice.slowness)
    damping = _smooth(targets([[p.damping] for p in parts]), ONSET)
    loudness = _smooth(targets([[p.voice, p.noise] for p in parts]), ONSET)
    shimmer = np.exp(rng.normal(0, SHIMMER, [len(loudness), 1]))
    loudness[:, :1] *= shimmer
    voiced = _harmonics(formants, damping, loudness[:, :1], voice, rng)
    # The middles of the windows.
    places = slice(0, None, SIZE // 2 // HOP)
    noise = _noise(
        formants[places],
        damping[places],
        loudness[places],
        voice.scale**0.5 * targets([p.band for p in parts])[places],
        voice.breath,
        rng,
    )
    return voiced + noise[: len(voiced)]


def _parts(text, voice, rng):
    """Returns the parts of all sounds, factors on formants, and frames."""
    parts, accents, seconds = [], [], []

    def append(part, accent, duration):
        parts.append(part)
        accents.append(accent)
        seconds.append(duration)

    append(SILENCE, NO_ACCENT, SILENCE.seconds)
    for i, letter in enumerate(text):
        if letter != " ":
            stretch = voice.slowness * np.exp(rng.normal(0, STRETCH))
            if i + 2 >= len(text):  # The last sounds are longer.
                stretch *= rng.uniform(1, 1.4)
            for part in phonemes.SOUNDS[letter]:
                append(part, voice.accent[letter], part.seconds * stretch)
        elif rng.uniform() < PAUSE:
            append(SILENCE, NO_ACCENT, rng.uniform(*PAUSES))
    append(SILENCE, NO_ACCENT, SILENCE.seconds)
    return parts, accents, [max(1, round(s * RATE / HOP)) for s in seconds]


def _smooth(values, seconds):
    """Returns means over a Hann window, (frames, columns)."""
    size = 2 * round(seconds * RATE / HOP / 2) + 1
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    window /= window.sum()
    padded = np.pad(values, ((size // 2, size // 2), (0, 0)), "edge")
    columns = [np.convolve(column, window, "valid") for column in padded.T]
    return np.stack(columns, 1)


def _resonance(formants, damping, frequencies):
    """Returns the sum of the resonances, (frames, frequencies).

    Args:
      formants: (frames, 3).
      damping: (frames, 1).
      frequencies: (frames or 1, frequencies), in Hz.
    """
    gain = 0.0
    for i, (width, level) in enumerate(zip(BANDWIDTHS, LEVELS)):
        center = formants[:, i : i + 1] if i < 3 else HIGHEST_FORMANT
        ratio = np.square(frequencies / center)
        width = damping * (width / center)
        loss = np.square(width) * ratio
        gain = gain + level * width / np.sqrt(np.square(1 - ratio) + loss)
    return gain


def _harmonics(formants, damping, loudness, voice, rng):
    """Returns the sum of harmonics, float32 (time,)."""
    pitch = _pitch(len(formants), voice, rng)
    count = int(HIGHEST / pitch.min())
    numbers = np.arange(1, count + 1, dtype=np.float32)
    frequencies = pitch[:, None] * numbers
    amplitudes = loudness * _resonance(formants, damping, frequencies)
    amplitudes *= numbers**-voice.tilt * (frequencies < HIGHEST)
    amplitudes = _interpolated(amplitudes.T.astype(np.float32))
    phase = np.cumsum(_interpolated(pitch[None])[0], dtype=np.float64)
    phase = phase / RATE % 1 * 2 * np.pi
    # Horner: the n-th harmonic is the n-th power of the first one.
    first = np.exp(1j * phase).astype(np.complex64)
    total = np.zeros(len(first), np.complex64)
    for amplitude in amplitudes[::-1]:
        total += amplitude
        total *= first
    return total.imag


def _pitch(frames, voice, rng):
    """Returns the fundamental frequency of each frame in Hz, float32."""
    place = np.linspace(0, 1, frames)
    wave = np.sin(2 * np.pi * (rng.uniform() + place * rng.uniform(0.5, 3)))
    fall = rng.choice([1, -0.5], p=[0.8, 0.2]) * (0.5 - place)
    jitter = rng.normal(0, voice.jitter, frames)
    melody = voice.melody * (0.5 * wave + fall)
    return (voice.pitch * np.exp(melody + jitter)).astype(np.float32)


def _interpolated(values):  # (rows, frames) -> (rows, frames * HOP)
    weights = np.arange(HOP, dtype=np.float32) / HOP
    following = np.concatenate([values[:, 1:], values[:, -1:]], 1)
    steps = (following - values)[..., None] * weights
    return (values[..., None] + steps).reshape(len(values), -1)


def _noise(formants, damping, loudness, bands, breath, rng):
    """Returns noise, float32 (time,): fricatives, bursts and breath.

    White noise is filtered in overlapping windows, of which the arguments have
    the middles.
    """
    frequencies = np.fft.rfftfreq(SIZE, 1 / RATE).astype(np.float32)[None]
    distances = (frequencies - bands[:, :1]) / bands[:, 1:]
    gain = loudness[:, 1:] * np.exp(-0.5 * np.square(distances))
    gain += (
        breath * loudness[:, :1] * _resonance(formants, damping, frequencies)
    )
    frames = len(gain)
    white = rng.standard_normal([frames, SIZE], np.float32)
    window = np.sin(np.pi * (np.arange(SIZE) + 0.5) / SIZE)
    pieces = np.fft.irfft(np.fft.rfft(white) * gain) * window
    total = np.zeros([frames + 1, SIZE // 2], np.float32)
    total[:-1] += pieces[:, : SIZE // 2]
    total[1:] += pieces[:, SIZE // 2 :]
    return total.ravel()[SIZE // 2 :]
