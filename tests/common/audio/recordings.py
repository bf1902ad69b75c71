"""Test recordings in all encodings, and their samples."""

import struct

import numpy as np
import pytest
import tensorflow as tf

from common.audio import wav

PCM, FLOAT, MU_LAW, EXTENSIBLE = 1, 3, 7, 0xFFFE
GUID = bytes.fromhex("000000001000800000aa00389b71")  # After the encoding.


def tone(count=100):
    """Returns samples of 16 bits at most: every encoding but 8 bits is exact.

    The lowest and the highest value are among them.
    """
    samples = 0.9 * np.sin(np.arange(count) / 3) * 2**15
    samples[:2] = -(2**15), 2**15 - 1
    return np.round(samples) / 2**15


def chunk(name, content, size=None, order="<", pad=b"\0"):
    """Returns a chunk; its size may be wrong."""
    size = len(content) if size is None else size
    pad = pad if len(content) % 2 else b""
    return name + struct.pack(f"{order}I", size) + content + pad


def encode(samples, bits, encoding=PCM, order="<"):
    """Returns the bytes of samples from -1 to 1."""
    if encoding == FLOAT:
        return samples.astype(f"{order}f{bits // 8}").tobytes()
    codes = np.round(samples * 2.0 ** (bits - 1))
    if bits == 8:
        return (codes + 128).astype(np.uint8).tobytes()
    width = bits // 8
    codes = codes.astype(f"{order}i8").reshape(-1, 1).view(np.uint8)
    return codes[:, :width] if order == "<" else codes[:, 8 - width :]


def form(
    bits=16,
    channels=1,
    rate=16_000,
    encoding=PCM,
    order="<",
    sub_format=None,
    width=None,
):
    """Returns the chunk "fmt "."""
    width = bits // 8 if width is None else width
    block = channels * width
    fields = encoding, channels, rate, rate * block % 2**32, block, bits
    content = struct.pack(f"{order}HHIIHH", *fields)
    if sub_format is not None:
        extension = struct.pack(f"{order}HHIH", 22, bits, 0, sub_format)
        content += extension + GUID
    return chunk(b"fmt ", content, order=order)


def riff(*chunks, magic=b"RIFF", order="<"):
    """Returns a file of chunks."""
    content = b"WAVE" + b"".join(chunks)
    return magic + struct.pack(f"{order}I", len(content)) + content


def file(samples=None, bits=16, encoding=PCM, **options):
    """Returns a usual file; `options` are those of `form`."""
    samples = tone() if samples is None else samples
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    data = bytes(encode(samples, bits, encoding))
    head = form(bits, channels, encoding=encoding, **options)
    return riff(head, chunk(b"data", data))


def read(content):
    """Returns the samples of a readable file."""
    return wav.decode(tf.constant(content)).samples.numpy()


def reason(content):
    """Returns why a file is not readable, by the graph and by `check`."""
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        read(content)
    with pytest.raises(ValueError) as checked:
        wav.check(content)
    assert checked.type is ValueError
    line = str(checked.value)
    assert line.replace(",", "") in error.value.message.replace(",", "")
    assert line.isprintable()
    return line


TONE = tone()
DATA = encode(TONE, 16).tobytes()
SOUND = chunk(b"data", DATA)


def assert_tone(content):
    """Asserts that a WAV file has the samples of `TONE`."""
    np.testing.assert_array_equal(read(content), TONE)
