"""PNG files of all kinds are decoded on a white ground, within limits."""

import zlib

import numpy as np
import pytest

from tests.common.images import pictures


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_colors_are_in_their_places(mode):
    pictures.assert_quarters(pictures.quarters(mode), "PNG")


@pytest.mark.parametrize("colors", [2, 4, 16])
def test_small_palettes_are_decoded(colors):
    pictures.assert_quarters(pictures.quarters().quantize(colors), "PNG")


@pytest.mark.parametrize(("color", "channels"), [(0, 1), (2, 3), (4, 2)])
def test_16_bits_per_channel_are_decoded(color, channels):
    picture = pictures.quarters("RGB", 32, 32)
    values = np.asarray(picture)[..., :channels].copy()
    if channels == 2:
        values[..., 1] = 255
    rows = [row.astype(">u2") * 257 for row in values]
    content = pictures.png([row.tobytes() for row in rows], 32, 16, color)
    expected = values if channels == 3 else values[..., :1].repeat(3, -1)
    np.testing.assert_allclose(pictures.read_one(content), expected, atol=0.01)


@pytest.mark.parametrize(
    ("picture", "options"),
    [
        (pictures.quarters("RGBA"), {}),
        (pictures.quarters("LA"), {}),
        (pictures.quarters("L"), {"transparency": 87}),
        (pictures.quarters("RGB"), {"transparency": pictures.COLORS[0][0]}),
        (pictures.quarters("P"), {}),
        (pictures.quarters().quantize(4), {}),
    ],
)
def test_transparent_pixels_are_white(picture, options):
    pictures.assert_on_white(picture, "PNG", **options)


def test_the_first_frame_of_an_animation_is_read():
    pictures.assert_first_frame("PNG")


@pytest.mark.parametrize("width", [900, 16])
def test_pictures_are_resized_as_by_pillow(width):
    pictures.assert_like_pillow("PNG", width, width * 7 // 8)


def test_the_number_of_compressed_texts_is_limited():
    text = b"zTXt", b"key\0\0" + zlib.compress(bytes(7_000_000))
    rows = [bytes(4)] * 4
    pictures.read_one(pictures.png(rows, 4, 8, 0, *[text] * 3))
    reason = pictures.reason(pictures.png(rows, 4, 8, 0, *[text] * 17))
    assert reason == "has too many compressed texts"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_pictures_are_turned_upright(orientation, order):
    exif = pictures.exif(orientation, order)
    content = pictures.encode(pictures.quarters(), "PNG", exif=exif)
    assert b"eXIf" in content
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    expected = np.rot90(np.array(pictures.COLORS), turns)
    actual = pictures.centers(pictures.read_one(content))
    np.testing.assert_allclose(actual, expected, atol=0.01)


def test_the_first_orientation_counts():
    """Chunks behind the pixels are read, too."""
    rows = [bytes([200, 0])] * 2
    chunks = [
        (b"eXIf", pictures.exif(number).removeprefix(b"Exif\0\0"))
        for number in (6, 1)
    ]
    turned = pictures.read_one(pictures.png(rows, 2, 8, 0, *chunks))
    assert turned[0].min() > 190
    assert turned[-1].max() < 10
