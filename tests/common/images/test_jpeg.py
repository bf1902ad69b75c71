"""JPEG files are decoded upright, within limits."""

import io
import struct

import numpy as np
import pytest
from PIL import Image
from PIL import ImageOps

from tests.common.images import pictures


@pytest.mark.parametrize(
    ("mode", "options"),
    [("L", {}), ("RGB", {}), ("CMYK", {}), ("RGB", {"progressive": True})],
)
def test_colors_are_in_their_places(mode, options):
    picture = pictures.quarters(mode)
    pictures.assert_quarters(picture, "JPEG", atol=3, quality=95, **options)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_are_those_of_pillow(orientation, order):
    data = pictures.exif(orientation, order)
    content = pictures.encode(
        pictures.quarters(), "JPEG", quality=95, exif=data
    )
    picture = Image.open(io.BytesIO(content))
    assert picture.getexif()[0x0112] == orientation
    upright = ImageOps.exif_transpose(picture).resize((32, 32), 2)
    pixels = pictures.read_one(content)
    np.testing.assert_allclose(pixels, np.asarray(upright), atol=1.5)


EXIF = pictures.exif(3)
DIRECTORY = b"II*\0\x08\0\0\0"  # The header, with the offset of the entries.


@pytest.mark.parametrize(
    "data",
    [
        b"Exif\0\0",
        b"Exif\0\0II",
        pictures.exif(0),
        pictures.exif(9),
        EXIF[:20],
        EXIF.replace(b"II", b"XX"),
        EXIF.replace(DIRECTORY, b"II*\0\xff\xff\xff\xff"),
        EXIF.replace(DIRECTORY, b"II*\0\xff\xff\0\0"),
        EXIF.replace(DIRECTORY, b"II*\0\x08\0\1\0"),
        EXIF.replace(b"\x12\x01\x03", b"\x13\x01\x03"),
        b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 500,
        b"Exif\0\0" + bytes(60_000),
    ],
)
def test_damaged_exif_data_turn_nothing(data):
    plain = pictures.encode(pictures.quarters(), "JPEG")
    content = pictures.encode(pictures.quarters(), "JPEG", exif=data)
    assert data in content
    np.testing.assert_array_equal(
        pictures.read_one(content), pictures.read_one(plain)
    )


def test_an_exif_segment_without_length_turns_nothing():
    plain = pictures.encode(pictures.quarters(), "JPEG")
    content = plain[:2] + b"\xff\xe1\0\x02" + EXIF + plain[2:]
    np.testing.assert_array_equal(
        pictures.read_one(content), pictures.read_one(plain)
    )


def test_the_first_of_two_orientations_counts():
    turned = pictures.encode(pictures.quarters(), "JPEG", exif=pictures.exif(6))
    first = b"\xff\xe1" + struct.pack(">H", 2 + len(EXIF)) + EXIF
    content = turned[:2] + first + turned[2:]
    expected = pictures.encode(pictures.quarters(), "JPEG", exif=EXIF)
    np.testing.assert_array_equal(
        pictures.read_one(content), pictures.read_one(expected)
    )


# Decoded at 1/8, 1/4, 1/2 and 1/1 of the size.
@pytest.mark.parametrize("width", [900, 200, 90, 50, 16])
def test_pictures_are_resized_as_by_pillow(width):
    pictures.assert_like_pillow("JPEG", width, width * 7 // 8)


def test_narrow_pictures_keep_their_detail():
    lines = np.zeros((32, 1024), "u1")
    lines[:16] = 255
    content = pictures.encode(Image.fromarray(lines), "JPEG", quality=95)
    pixels = pictures.read_one(content)
    assert pixels[:14].min() > 250
    assert pixels[18:].max() < 5


def test_the_number_of_scans_is_limited():
    content = pictures.samples()["progressive JPEG"]
    scan = content[content.rindex(pictures.SCAN) : -2]
    pictures.read_one(content[:-2] + scan * 80 + content[-2:])
    reason = pictures.reason(content[:-2] + scan * 120 + content[-2:])
    assert reason == "has too many scans"


def test_a_hundred_megapixels_are_scaled_while_they_are_decoded():
    content = pictures.encode(Image.new("L", (12_000, 9000), 99), "JPEG")
    np.testing.assert_allclose(pictures.read_one(content), 99, atol=1)
