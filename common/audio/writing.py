"""Writes samples as a WAV file."""

import struct

import numpy as np


def wav_file(samples: np.ndarray, rate: int) -> bytes:
    """Returns the content of a WAV file of 16 bits, or of 32-bit floats.

    Args:
      samples: int16 or floating-point (time,) or (time, channels).
      rate: Samples a second.
    """
    encoding, width = (1, 2) if samples.dtype == np.int16 else (3, 4)
    data = samples.astype("<i2" if width == 2 else "<f4").tobytes()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    block = width * channels
    form = struct.pack(
        "<HHIIHH", encoding, channels, rate, rate * block, block, 8 * width
    )
    content = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    content += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(content)) + content
