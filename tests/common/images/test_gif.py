"""The first frame of a GIF is decoded on a white ground."""

import struct

import numpy as np
import pytest

from tests.common.images import pictures


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_colors_are_in_their_places(mode):
    pictures.assert_quarters(pictures.quarters(mode), "GIF")


def test_rows_may_be_in_order():
    pictures.assert_quarters(pictures.quarters("P"), "GIF", interlace=False)


@pytest.mark.parametrize("colors", [2, 4, 16])
def test_small_palettes_are_decoded(colors):
    pictures.assert_quarters(pictures.quarters().quantize(colors), "GIF")


@pytest.mark.parametrize(
    "picture", [pictures.quarters("P"), pictures.quarters().quantize(4)]
)
def test_transparent_pixels_are_white(picture):
    pictures.assert_on_white(picture, "GIF")


def test_the_first_frame_of_an_animation_is_read():
    pictures.assert_first_frame("GIF")


def test_later_frames_are_not_decoded():
    content = pictures.samples()["animated GIF"]
    frame = content.rindex(b"\x2c\0\0\0\0")
    huge = struct.pack("<4H", 0, 0, 65_535, 65_535)
    content = content[: frame + 1] + huge + content[frame + 9 :]
    np.testing.assert_array_equal(
        pictures.read_one(content),
        pictures.read_one(pictures.samples()["animated GIF"]),
    )
