"""Writes samples as a WAV file."""

import struct

import numpy as np


def wav_file(samples: np.ndarray, rate: int) -> bytes:
    """Returns the content of a WAV file of 32-bit floating-point numbers.

    Args:
      samples: float32 (time,) or (time, channels).
      rate: Samples a second.
    """
    data = samples.astype("<f4").tobytes()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    block = 4 * channels
    form = struct.pack("<HHIIHH", 3, channels, rate, rate * block, block, 32)
    content = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    content += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(content)) + content
