"""Test pictures in all formats, and their decoded pixels."""

import io
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.images import decode

COLORS = [[(220, 30, 30), (30, 200, 40)], [(40, 50, 210), (230, 220, 60)]]
SCAN = b"\xff\xda"
SIZE = 32  # Of the decoded pictures.


def quarters(mode="RGB", width=64, height=48):
    """Returns a picture with a color in each quarter."""
    small = Image.fromarray(np.array(COLORS, "u1")).convert(mode, dither=0)
    return small.resize((width, height), 0)


def photo(width=120, height=90):
    """Returns a picture with many colors."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    waves = np.stack([y, x, np.sin(9 * x * y) / 2 + 0.5], -1)
    return Image.fromarray((255 * waves).astype("u1"))


def encode(picture, kind, **options):
    """Returns the bytes of a file that Pillow writes."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png(rows, width, depth, color, *chunks):
    """Returns a PNG with rows of encoded pixels."""

    def chunk(kind, content):
        length = struct.pack(">I", len(content))
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return length + kind + content + checksum

    header = width, len(rows), depth, color, 0, 0, 0
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", *header)),
        *chunks,
        (b"IDAT", pixels),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def exif(orientation, order="<"):
    """Returns Exif data with two entries."""
    head = {"<": b"II", ">": b"MM"}[order]
    maker = struct.pack(f"{order}HHII", 0x010F, 2, 4, 0)
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    directory = struct.pack(f"{order}H", 2) + maker + entry + bytes(4)
    return b"Exif\0\0" + head + struct.pack(f"{order}HI", 42, 8) + directory


def with_sides(jpeg, width, height):
    """Returns a JPEG whose header claims another size."""
    starts = (jpeg.find(bytes([0xFF, code])) for code in (0xC0, 0xC2))
    frame = next(start for start in starts if start > 0)
    sides = struct.pack(">HH", height, width)
    return jpeg[: frame + 5] + sides + jpeg[frame + 9 :]


def samples():
    """Returns files of all formats."""
    many = {"save_all": True, "append_images": [quarters()]}
    return {
        "JPEG": encode(photo(), "JPEG", exif=exif(6)),
        "progressive JPEG": encode(photo(), "JPEG", progressive=True),
        "CMYK JPEG": encode(quarters("CMYK"), "JPEG"),
        "PNG": encode(photo(40, 30), "PNG"),
        "palette PNG": encode(quarters("P"), "PNG", transparency=0),
        "GIF": encode(photo(40, 30), "GIF"),
        "animated GIF": encode(quarters().rotate(90), "GIF", **many),
        "BMP": encode(photo(40, 30), "BMP"),
        "palette BMP": encode(quarters("1"), "BMP"),
        "WebP": encode(photo(40, 30), "WEBP"),
        "transparent WebP": encode(quarters("RGBA"), "WEBP", lossless=True),
    }


def read(*contents):
    """Returns the pixels of files, and whether they are readable.

    Each size compiles a graph: all tests read the same one.
    """
    pixels, readable = decode.read(tf.constant(contents, tf.string), SIZE)
    return pixels.numpy(), readable.numpy()


def read_one(content):
    """Returns the pixels of a readable file."""
    pixels, readable = read(content)
    assert readable[0]
    return pixels[0]


def reason(content):
    """Returns why a file is not readable."""
    assert not read(content)[1][0]
    with pytest.raises(ValueError) as error:
        decode.check(content)
    assert error.type is ValueError
    return str(error.value)


def centers(pixels):
    """Returns the colors in the middle of the four quarters."""
    a, b = len(pixels) // 4, 3 * len(pixels) // 4
    return pixels[[a, a, b, b], [a, b, a, b]].reshape(2, 2, 3)


def assert_quarters(picture, kind, atol=0.01, **options):
    """Asserts that a written picture has its colors in its quarters."""
    expected = np.asarray(picture.convert("RGB").resize((2, 2), 0))
    content = encode(picture, kind, **options)
    np.testing.assert_allclose(centers(read_one(content)), expected, atol=atol)
    decode.check(content)


def assert_on_white(picture, kind, **options):
    """Asserts that the top left quarter, being transparent, is white."""
    expected = np.asarray(picture.convert("RGB").resize((2, 2), 0), float)
    expected[0, 0] = 255
    if picture.mode in ("RGBA", "LA"):
        opacity = np.full((48, 64), 255, "u1")
        opacity[:24, :32], opacity[24:, 32:] = 0, 102
        picture.putalpha(Image.fromarray(opacity))
        expected[1, 1] = 0.4 * expected[1, 1] + 0.6 * 255
    elif picture.mode == "P":
        options = {"transparency": picture.getpixel((0, 0))}
    pixels = read_one(encode(picture, kind, **options))
    np.testing.assert_allclose(centers(pixels), expected, atol=0.01)


def assert_like_pillow(kind, width, height):
    """Asserts that a picture is resized as by Pillow."""
    content = encode(photo(width, height), kind)
    picture = Image.open(io.BytesIO(content))
    expected = np.asarray(picture.resize((32, 32), 2))
    difference = np.abs(read_one(content) - expected)
    assert difference.mean() < 1.2
    assert difference.max() < 12


def assert_first_frame(kind):
    """Asserts that the first frame of an animation is read."""
    frames = [quarters(), quarters().rotate(180), quarters().rotate(90)]
    content = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(content)).n_frames == 3
    np.testing.assert_allclose(centers(read_one(content)), COLORS, atol=0.01)
