"""WebP files are decoded on a white ground, upright, within limits."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from tests.common.images import pictures


def chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp(*chunks):
    """Returns a file of chunks."""
    content = b"WEBP" + b"".join(chunk(*parts) for parts in chunks)
    return chunk(b"RIFF", content)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colors_are_in_their_places(mode):
    pictures.assert_quarters(pictures.quarters(mode), "WEBP", lossless=True)
    pictures.assert_quarters(pictures.quarters(mode), "WEBP", 6, quality=90)


@pytest.mark.parametrize("lossless", [True, False])
def test_odd_sides_are_read(lossless):
    picture = pictures.photo(257, 31)
    content = pictures.encode(picture, "WEBP", lossless=lossless)
    decoded = Image.open(io.BytesIO(content)).convert("RGB")
    expected = np.asarray(decoded.resize((32, 32), 2))
    difference = np.abs(pictures.read_one(content) - expected)
    assert difference.mean() < 1.2


def test_a_single_pixel_is_read():
    picture = Image.new("RGB", (1, 1), (10, 20, 30))
    content = pictures.encode(picture, "WEBP", lossless=True)
    assert pictures.read_one(content)[5, 5].tolist() == [10, 20, 30]


def test_transparent_pixels_are_white():
    pictures.assert_on_white(pictures.quarters("RGBA"), "WEBP", lossless=True)


@pytest.mark.parametrize("name", [b"", b"Exif\0\0"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_pictures_are_turned_upright(orientation, name):
    plain = pictures.encode(pictures.quarters(), "WEBP", lossless=True)
    sides = struct.pack("<II", 63, 47 << 8)[:3] + struct.pack("<I", 47)[:3]
    tiff = pictures.exif(orientation).removeprefix(b"Exif\0\0")
    content = webp(
        (b"VP8X", bytes([8, 0, 0, 0]) + sides),
        (b"VP8L", plain[20:]),
        (b"ODD ", b"1"),
        (b"EXIF", name + tiff),
    )
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    expected = np.rot90(np.array(pictures.COLORS), turns)
    actual = pictures.centers(pictures.read_one(content))
    np.testing.assert_allclose(actual, expected, atol=0.01)


def test_an_animation_is_refused_before_it_is_decoded():
    """The op of TensorFlow corrupts the memory of the process."""
    frames = [pictures.quarters(), pictures.quarters().rotate(90)]
    content = pictures.encode(
        frames[0], "WEBP", save_all=True, append_images=frames[1:]
    )
    assert pictures.reason(content) == "is an animated WebP"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"RIFF\x04\0\0\0WAVE", "is a RIFF file, but not a WebP"),
        (b"RIFF", "is a RIFF file, but not a WebP"),
        (
            webp((b"VP8X", bytes(4) + b"\xff" * 6)),
            "has 16,777,216 x 16,777,216 pixels, more than 33,554,432 for its "
            "kind",
        ),
        (
            webp((b"VP8L", b"\x2f" + b"\xff" * 4)),
            "has 16,384 x 16,384 pixels, more than 33,554,432 for its kind",
        ),
        (
            webp((b"VP8 ", bytes(6) + b"\xff" * 4)),
            "has 16,383 x 16,383 pixels, more than 33,554,432 for its kind",
        ),
        (webp((b"VP8 ", b"")), "has no pixels"),
        (
            pictures.encode(pictures.photo(), "WEBP")[:500],
            "is cut short or damaged",
        ),
    ],
    ids=["wave", "cut", "huge VP8X", "huge VP8L", "huge VP8", "none", "half"],
)
def test_the_reason_is_named(content, reason):
    assert pictures.reason(content) == reason
