"""Each format is read as it looks, and no further than its limits."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL import ImageOps

from common.images import decode
from tests.common.images.pictures import COLOURS
from tests.common.images.pictures import SCAN
from tests.common.images.pictures import exif
from tests.common.images.pictures import photo
from tests.common.images.pictures import png
from tests.common.images.pictures import quarters
from tests.common.images.pictures import read_one
from tests.common.images.pictures import reason
from tests.common.images.pictures import samples
from tests.common.images.pictures import written


def centres(pixels):
    """Returns the colours amid the four quarters."""
    a, b = len(pixels) // 4, 3 * len(pixels) // 4
    return pixels[[a, a, b, b], [a, b, a, b]].reshape(2, 2, 3)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        *(("JPEG", mode, {"quality": 95}) for mode in ("L", "RGB", "CMYK")),
        ("JPEG", "RGB", {"quality": 95, "progressive": True}),
        *(("PNG", m, {}) for m in ("1", "L", "LA", "P", "RGB", "RGBA")),
        *(("GIF", mode, {}) for mode in ("1", "L", "P")),
        ("GIF", "P", {"interlace": False}),
        *(("BMP", mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
    ],
)
def test_colours_are_in_their_places(kind, mode, options):
    picture = quarters(mode)
    expected = np.asarray(picture.convert("RGB").resize((2, 2), 0))
    content = written(picture, kind, **options)
    np.testing.assert_allclose(
        centres(read_one(content)), expected, atol=3 if kind == "JPEG" else 0.01
    )
    decode.check(content)


@pytest.mark.parametrize("colours", [2, 4, 16])
def test_palettes_of_few_bits_are_read(colours):
    picture = quarters().quantize(colours)
    expected = np.asarray(picture.convert("RGB").resize((2, 2), 0))
    for kind in ("PNG", "GIF"):
        pixels = read_one(written(picture, kind))
        np.testing.assert_allclose(centres(pixels), expected, atol=0.01)


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2)])
def test_16_bits_of_a_png_are_read(colour, channels):
    values = np.asarray(quarters("RGB", 16, 16))[..., :channels].copy()
    if channels == 2:
        values[..., 1] = 255
    rows = [row.astype(">u2") * 257 for row in values]
    content = png([row.tobytes() for row in rows], 16, 16, colour)
    expected = values if channels == 3 else values[..., :1].repeat(3, -1)
    np.testing.assert_allclose(read_one(content, 16), expected, atol=0.01)


@pytest.mark.parametrize(
    ("kind", "picture", "options"),
    [
        ("PNG", quarters("RGBA"), {}),
        ("PNG", quarters("LA"), {}),
        ("PNG", quarters("L"), {"transparency": 87}),
        ("PNG", quarters("RGB"), {"transparency": COLOURS[0][0]}),
        ("PNG", quarters("P"), {}),
        ("PNG", quarters().quantize(4), {}),
        ("GIF", quarters("P"), {}),
        ("GIF", quarters().quantize(4), {}),
    ],
)
def test_transparency_is_laid_on_white(kind, picture, options):
    expected = np.asarray(picture.convert("RGB").resize((2, 2), 0), float)
    expected[0, 0] = 255
    if picture.mode in ("RGBA", "LA"):
        opacity = np.full((48, 64), 255, "u1")
        opacity[:24, :32], opacity[24:, 32:] = 0, 102
        picture.putalpha(Image.fromarray(opacity))
        expected[1, 1] = 0.4 * expected[1, 1] + 0.6 * 255
    elif picture.mode == "P":
        options = {"transparency": picture.getpixel((0, 0))}
    pixels = read_one(written(picture, kind, **options))
    np.testing.assert_allclose(centres(pixels), expected, atol=0.01)


def test_the_first_frame_stands_for_an_animation():
    frames = [quarters(), quarters().rotate(180), quarters().rotate(90)]
    for kind in ("GIF", "PNG"):
        content = written(
            frames[0], kind, save_all=True, append_images=frames[1:]
        )
        assert Image.open(io.BytesIO(content)).n_frames == 3
        pixels = read_one(content)
        np.testing.assert_allclose(centres(pixels), COLOURS, atol=0.01)


def test_rows_of_a_bmp_may_run_downwards():
    content = bytearray(written(quarters(), "BMP"))
    struct.pack_into("<i", content, 22, -48)
    pixels = read_one(bytes(content))
    np.testing.assert_allclose(centres(pixels), COLOURS[::-1], atol=0.01)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_those_of_pillow(orientation, order):
    data = exif(orientation, order)
    content = written(quarters(), "JPEG", quality=95, exif=data)
    picture = Image.open(io.BytesIO(content))
    assert picture.getexif()[0x0112] == orientation
    upright = ImageOps.exif_transpose(picture).resize((32, 32), 2)
    np.testing.assert_allclose(read_one(content), np.asarray(upright), atol=1.5)


@pytest.mark.parametrize(
    "data",
    [
        b"Exif\0\0",
        b"Exif\0\0II",
        exif(0),
        exif(9),
        exif(3)[:20],
        exif(3).replace(b"II", b"XX"),
        exif(3).replace(b"II*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff"),
        exif(3).replace(b"II*\0\x08\0\0\0", b"II*\0\xff\xff\0\0"),
        exif(3).replace(b"II*\0\x08\0\0\0", b"II*\0\x08\0\1\0"),
        exif(3).replace(b"\x12\x01\x03", b"\x13\x01\x03"),
        b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 500,
        b"Exif\0\0" + bytes(60_000),
    ],
)
def test_garbage_in_exif_turns_nothing(data):
    plain = written(quarters(), "JPEG")
    content = written(quarters(), "JPEG", exif=data)
    assert data in content
    np.testing.assert_array_equal(read_one(content), read_one(plain))


def test_exif_that_claims_no_length_turns_nothing():
    plain = written(quarters(), "JPEG")
    content = plain[:2] + b"\xff\xe1\0\x02" + exif(3) + plain[2:]
    np.testing.assert_array_equal(read_one(content), read_one(plain))


def test_the_first_of_two_orientations_counts():
    turned = written(quarters(), "JPEG", exif=exif(6))
    first = b"\xff\xe1" + struct.pack(">H", 2 + len(exif(3))) + exif(3)
    content = turned[:2] + first + turned[2:]
    expected = read_one(written(quarters(), "JPEG", exif=exif(3)))
    np.testing.assert_array_equal(read_one(content), expected)


@pytest.mark.parametrize("size", [16, 60, 224])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_pictures_are_resized_as_by_pillow(kind, size):
    content = written(photo(900, 700), kind)
    picture = Image.open(io.BytesIO(content)).resize((size, size), 2)
    difference = np.abs(read_one(content, size) - np.asarray(picture))
    assert difference.mean() < 1.2
    assert difference.max() < 12


def test_narrow_jpegs_keep_their_detail():
    lines = np.zeros((64, 1024), "u1")
    lines[:32] = 255
    content = written(Image.fromarray(lines), "JPEG", quality=95)
    pixels = read_one(content, 64)
    assert pixels[:30].min() > 250
    assert pixels[34:].max() < 5


def test_a_single_pixel_is_a_picture():
    dot = Image.new("RGB", (1, 1), COLOURS[0][0])
    for kind in ("JPEG", "PNG", "GIF", "BMP"):
        pixels = read_one(written(dot, kind), 4)
        np.testing.assert_allclose(
            pixels, np.full((4, 4, 3), COLOURS[0][0]), atol=3
        )


def test_many_scans_of_a_jpeg_are_too_many():
    content = samples()["progressive JPEG"]
    last = content[content.rindex(SCAN) : -2]
    read_one(content[:-2] + last * 80 + content[-2:])
    assert "scans" in reason(content[:-2] + last * 120 + content[-2:])


def test_many_compressed_texts_of_a_png_are_too_many():
    text = b"zTXt", b"key\0\0" + zlib.compress(bytes(7_000_000))
    read_one(png([bytes(4)] * 4, 4, 8, 0, *[text] * 3))
    assert "texts" in reason(png([bytes(4)] * 4, 4, 8, 0, *[text] * 17))


def test_later_frames_cost_nothing():
    content = samples()["animated GIF"]
    place = content.rindex(b"\x2c\0\0\0\0")
    huge = struct.pack("<4H", 0, 0, 65_535, 65_535)
    content = content[: place + 1] + huge + content[place + 9 :]
    np.testing.assert_array_equal(
        read_one(content), read_one(samples()["animated GIF"])
    )
