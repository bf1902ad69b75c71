"""Music as sound: each note is a sum of fading sines, as of a struck string."""

import numpy as np

from apps.music.data.midi import quantization
from common.audio import writing
from common.errors import UserError

RATE = 22_050  # Samples a second.
RELEASE = 0.2  # Seconds that a note fades after its end.
ATTACK = 0.008  # Seconds; without, each note starts with a click.
MAX_SECONDS = 1200.0  # One held note takes 1 GB of memory then.
PEAK = 0.8  # Of full scale.
# Amplitudes of the harmonics, and how long each lasts.
HARMONICS = (1.0, 0.42, 0.24, 0.12, 0.07, 0.04)
FADE = 1.6  # Seconds until the middle A has faded to 1/e.
FADE_PER_OCTAVE = 0.65  # High strings fade faster.
HELD_SHARE = 0.25  # Of a note that fades three times as slowly.


def frames_wav(frames: np.ndarray, tempo: float, frames_per_beat: int) -> bytes:
    """Returns a WAV file of a roll or of voices: mono, 16 bits, 22,050 Hz.

    Its length is that of the frames and `RELEASE`.

    Args:
      frames: (frames, 88) of zeros and ones, or (frames, 4) of pitches;
        negative: after the end.
      tempo: Beats (quarter notes) a minute.
      frames_per_beat: Frames a quarter note.

    Raises:
      UserError: It is longer than 20 minutes.
    """
    frames = frames[frames[:, 0] >= 0]
    frame_seconds = 60 / tempo / frames_per_beat
    starts, ends, pitches, _ = quantization.held_notes(frames).T
    return _wav(
        starts * frame_seconds,
        ends * frame_seconds,
        pitches,
        len(frames) * frame_seconds,
    )


def _wav(starts, ends, pitches, seconds):
    if seconds > MAX_SECONDS:
        raise UserError(
            f"The piece lasts {seconds:,.0f} s; at most {MAX_SECONDS:,.0f} s "
            "become a WAV file: cut the piece, or use its MIDI file alone."
        )
    samples = np.zeros(round((seconds + RELEASE) * RATE), np.float32)
    for pitch in np.unique(pitches):
        chosen = np.flatnonzero(pitches == pitch)
        longest = (ends[chosen] - starts[chosen]).max() + RELEASE
        tone = _tone(int(pitch), int(longest * RATE) + 1)
        for start, end in zip(starts[chosen], ends[chosen]):
            _add(samples, tone, start, end)
    loudest = np.abs(samples).max(initial=0)
    scale = PEAK * np.iinfo(np.int16).max / loudest if loudest else 0
    return writing.wav_file(np.round(samples * scale).astype(np.int16), RATE)


def _add(samples, tone, start, end):
    """Adds a note, faded out after its end, to the samples."""
    first = round(start * RATE)
    held = round(end * RATE) - first
    sound = tone[: held + round(RELEASE * RATE)].copy()
    fade = np.linspace(1, 0, len(sound) - held, dtype=np.float32)
    sound[held:] *= fade**2
    place = samples[first : first + len(sound)]
    place += sound[: len(place)]


def _tone(pitch, count):
    """Returns the sound of a key that is held down, float32 (count,)."""
    octaves = (pitch - 69) / 12
    frequency = 440 * 2**octaves
    times = np.arange(count, dtype=np.float32) / RATE
    fade = FADE * FADE_PER_OCTAVE**octaves
    # Faster for higher harmonics: powers of one curve.
    curve = np.exp(-times / fade) * (1 - HELD_SHARE)
    curve += HELD_SHARE * np.exp(-times / (3 * fade))
    phase = (2 * np.pi * frequency * np.arange(count) / RATE) % (2 * np.pi)
    # sin((n + 1) x) = 2 cos(x) sin(n x) - sin((n - 1) x)
    sine, before = np.sin(phase).astype(np.float32), np.zeros_like(times)
    twice_cosine = 2 * np.cos(phase).astype(np.float32)
    sound, envelope = np.zeros_like(times), curve.copy()
    for number, amplitude in enumerate(HARMONICS, 1):
        if number * frequency >= RATE / 2:
            break
        sound += amplitude * envelope * sine
        sine, before = twice_cosine * sine - before, sine
        envelope *= curve
    attack = np.minimum(times / ATTACK, 1)
    # The ear hears high tones as louder.
    return sound * attack * np.float32(0.9**octaves)
