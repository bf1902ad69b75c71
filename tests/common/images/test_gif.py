"""The first frame of a GIF is decoded on a white ground."""

import struct

import numpy as np
import pytest
import tensorflow as tf

from common.images import decode
from common.images import gif
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


@pytest.mark.parametrize("extensions", [1, 3])
def test_the_number_of_blocks_of_a_file_is_limited(extensions):
    """Many walks, each of them within the limit, took a minute."""
    content = pictures.encode(pictures.quarters(), "GIF")
    frame = content.index(b"\x2c\0\0\0\0")
    comment = b"\x21\xfe" + b"\x01a" * 50 + b"\0"
    content = content[:frame] + comment * extensions + content[frame:]
    read = tf.function(gif.decode)
    limits = decode.LIMITS._replace(parts=100)
    if extensions == 1:
        read(tf.constant(content), tf.constant(8), limits)
        return
    with pytest.raises(tf.errors.InvalidArgumentError, match="too many parts"):
        read(tf.constant(content), tf.constant(8), limits)
