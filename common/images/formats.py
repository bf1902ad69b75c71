"""What JPEG, PNG, GIF and BMP files hold, decoded by stock ops.

What these ops leave out is done here: EXIF orientations, transparency,
palettes, and limits. A file that cannot be read is an error in the graph.
"""

import functools
from typing import NamedTuple

import tensorflow as tf


class Limits(NamedTuple):
    """How many pixels and parts a file may have at most."""

    pixels: int
    scaled_pixels: int
    parts: int
    scans: int
    texts: int


def jpeg(content: tf.Tensor, size: int, limits: Limits) -> tf.Tensor:
    """Returns a JPEG as float32 (size, size, 3), turned as Exif tells."""
    step = functools.partial(_segment, content)
    scan, frame, exif = _walk(limits.parts, step, 2, 0, 0)
    (kind,) = _numbers(content, frame + 1, tf.uint8, 1)
    height, width = _numbers(content, frame + 5, tf.uint16, 2, False)
    (components,) = _numbers(content, frame + 9, tf.uint8, 1)
    (together,) = _numbers(content, scan + 4, tf.uint8, 1)
    # Of more scans than one, all is kept in full size until the last.
    alone = ((kind == 0xC0) | (kind == 0xC1)) & (together == components)
    limit = tf.where(alone, limits.scaled_pixels, limits.pixels)
    content = _limited(content, height, width, limit)
    few = tf.cond(alone, lambda: True, lambda: _scans(content) <= limits.scans)
    content = provided(few, content, "has too many scans")
    side = tf.minimum(height, width)
    halvings = [tf.cast(side >= size * ratio, tf.int32) for ratio in (2, 4, 8)]
    decode = functools.partial(
        tf.io.decode_jpeg, content, 3, dct_method="INTEGER_ACCURATE"
    )
    image = tf.switch_case(
        tf.add_n(halvings),
        [functools.partial(decode, ratio=ratio) for ratio in (1, 2, 4, 8)],
    )
    orientation = tf.cond(
        exif > 0, lambda: _orientation(content, exif), lambda: 1
    )
    return _turned(_resized(image, size), orientation)


def _segment(content, place, frame, exif):
    """Goes to the first scan, and notes where frame and Exif data begin."""
    mark, code, high, low = _numbers(content, place, tf.uint8, 4)
    # As libjpeg does: what is no marker is passed over.
    marked = (mark == 0xFF) & (code != 0) & (code != 0xFF)
    single = (code == 1) | ((code >= 0xD0) & (code <= 0xD9))
    length = tf.where(single, 2, 2 + 256 * high + low)
    framed = (code == 0xC0) | ((code > 0xC0) & (code < 0xD0) & (code % 4 != 0))
    frame = tf.where(marked & framed, place, frame)
    named = (code == 0xE1) & (part(content, place + 4, 6) == b"Exif\0\0")
    exif = tf.where(marked & named & (exif == 0), place, exif)
    going = ~marked | (code != 0xDA)
    place += tf.where(going, tf.where(marked, length, 1), 0)
    return going, place, frame, exif


def _scans(content):
    codes = tf.io.decode_raw(content, tf.uint8)
    starts = (codes[:-1] == 0xFF) & (codes[1:] == 0xDA)
    return tf.math.count_nonzero(starts, dtype=tf.int32)


def _orientation(content, exif):
    """Returns that of an APP1 segment, 1 to 8 (Exif 2.32, 4.6.4)."""
    (length,) = _numbers(content, exif + 2, tf.uint16, 1, False)
    tiff = part(content, exif + 10, tf.maximum(length - 8, 0))
    order = part(tiff, 0, 4)
    big = order == b"MM\0*"
    first = tf.io.decode_raw(tiff, tf.uint8, True, 2**16)
    first = tf.cast(first, tf.int32)
    second = tf.roll(first, -1, 0)
    # The numbers of 16 bits that begin at each byte.
    numbers = tf.where(big, 256 * first + second, first + 256 * second)
    high, low = numbers[tf.where(big, 4, 6)], numbers[tf.where(big, 6, 4)]
    entries = low + 2 + 12 * tf.range(numbers[low])
    entries = tf.boolean_mask(entries, entries < 2**16 - 8)
    tagged = entries[tf.gather(numbers, entries) == 0x0112]
    value = tf.concat([tf.gather(numbers, tagged + 8), [1]], 0)[0]
    valid = (big | (order == b"II*\0")) & (high == 0)
    return tf.where(valid & (value >= 1) & (value <= 8), value, 1)


def _turned(image, orientation):
    # Transposed, then with reversed rows and columns.
    order = tf.where(orientation > 4, [1, 0, 2], [0, 1, 2])
    flips = tf.stack([(orientation - 1) // 2, orientation // 2]) % 2
    return tf.reverse(tf.transpose(image, order), tf.where(flips == 1)[:, 0])


def png(content: tf.Tensor, size: int, limits: Limits) -> tf.Tensor:
    """Returns a PNG as float32 (size, size, 3), laid on white."""

    def chunk(place, texts):
        (length,) = _numbers(content, place, tf.int32, 1, False)
        kind = part(content, place + 4, 4)
        texts += tf.cast((kind == b"zTXt") | (kind == b"iTXt"), tf.int32)
        place += 12 + tf.clip_by_value(length, 0, 2**30)
        return kind != b"IEND", place, texts

    _, texts = _walk(limits.parts, chunk, 8, 0)
    width, height = _numbers(content, 16, tf.int32, 2, False)
    (depth,) = _numbers(content, 24, tf.uint8, 1)
    content = _limited(content, height, width, limits.pixels)
    content = provided(texts <= limits.texts, content, "has too many texts")
    image = tf.io.decode_png(content, 4)
    colour, opacity = image[..., :3], image[..., 3:]
    # Where there is no transparency, the op gives the largest number of as
    # many bits as the file has, which may be fewer than 8.
    opaque = tf.reduce_all(opacity == tf.cast(2**depth - 1, tf.uint8))
    opacity = tf.where(opaque, tf.constant(255, tf.uint8), opacity)
    opacity = tf.cast(opacity, tf.uint16)
    light = _resized(tf.cast(colour, tf.uint16) * opacity, size) / 255
    return light + 255 - _resized(opacity, size)


def gif(content: tf.Tensor, size: int, limits: Limits) -> tf.Tensor:
    """Returns the first frame of a GIF as float32 (size, size, 3)."""

    # The op would decode all frames, show the transparent pixels of the first
    # one in black, and pass over errors. So it gets the first one alone, twice:
    # all in white, then over it as it is; after an error, there is no second.
    def block(place, control):
        kind, label = _numbers(content, place, tf.uint8, 2)
        going = kind == 0x21
        control = tf.where(going & (label == 0xF9), place, control)
        place = tf.cond(
            going, lambda: behind(content, place + 2), lambda: place
        )
        return going, place, control

    behind = functools.partial(_behind_blocks, limits.parts)
    table = _behind_palette(content, 10, 2)
    frame, control = _walk(limits.parts, block, table, 0)
    width, height = _numbers(content, frame + 5, tf.uint16, 2)
    content = _limited(content, height, width, limits.pixels)
    data = _behind_palette(content, frame + 9, 0)
    end = behind(content, data + 1)
    sides = b"\0\0\0\0" + part(content, frame + 5, 4)
    white = sides + b"\x87" + b"\xff" * 3 * 256
    parts = [
        part(content, 0, table) + b"\x2c" + white,
        part(content, data, end - data),
        part(content, control, tf.where(control > 0, 8, 0)),
        part(content, frame, 1) + sides,
        part(content, frame + 9, end - frame - 9) + b";",
    ]
    return _resized(tf.io.decode_gif(tf.strings.join(parts))[1], size)


def _behind_palette(content, place, more):
    """Returns the place behind flags, some more bytes, and a palette."""
    (flags,) = _numbers(content, place, tf.uint8, 1)
    return place + 1 + more + tf.where(flags > 127, 6 * 2 ** (flags % 8), 0)


def _behind_blocks(parts, content, place):
    def block(place):
        (length,) = _numbers(content, place, tf.uint8, 1)
        return length > 0, place + 1 + length

    return _walk(parts, block, place)[0]


def bmp(content: tf.Tensor, size: int, limits: Limits) -> tf.Tensor:
    """Returns a BMP without compression as float32 (size, size, 3)."""
    start, header, width, height = _numbers(content, 10, tf.int32, 4)
    (bits,) = _numbers(content, 28, tf.uint16, 1)
    (compression,) = _numbers(content, 30, tf.int32, 1)
    known = tf.reduce_any(bits == [1, 4, 8, 24, 32])
    known &= (header >= 40) & (header < start) & (compression == 0)
    content = provided(known, content, "is a BMP of a rare kind")
    upwards, height = height > 0, tf.abs(height)
    content = _limited(content, height, width, limits.pixels)
    stride = (bits * width + 31) // 32 * 4
    rows = tf.io.decode_raw(part(content, start, stride * height), tf.uint8)
    rows = tf.reshape(rows, [height, stride])

    def coloured():
        values = tf.reshape(rows[:, : width * bits // 8], [height, width, -1])
        return values[..., 2::-1]

    def indexed():
        shifts = tf.range(8 - bits, -1, -bits)
        values = tf.cast(rows, tf.int32)[..., None] // 2**shifts % 2**bits
        values = tf.reshape(values, [height, -1])[:, :width]
        palette = part(content, 14 + header, 4 * 2**bits)
        palette = tf.reshape(tf.io.decode_raw(palette, tf.uint8), [-1, 4])
        return tf.gather(palette[:, 2::-1], values)

    image = _resized(tf.cond(bits > 8, coloured, indexed), size)
    return tf.where(upwards, image[::-1], image)


def part(content, place, count):
    """Returns bytes of a file, fewer at its end."""
    # The error of a place behind the end would hold the whole file.
    place = tf.minimum(place, tf.strings.length(content))
    return tf.strings.substr(content, place, count)


def _numbers(content, place, dtype, count, little_endian=True):
    """Returns numbers of a file as int32 scalars, or an error at its end."""
    numbers = part(content, place, count * dtype.size)
    numbers = tf.io.decode_raw(numbers, dtype, little_endian)
    return tf.unstack(tf.cast(numbers, tf.int32), count)


def _walk(parts, step, *state):
    """Returns the last state; `step` returns whether to go on, and the next."""
    going, *state = tf.while_loop(
        lambda going, *_: going,
        lambda _, *state: step(*state),
        (True, *state),
        maximum_iterations=parts,
    )
    reason = "is damaged, or has too many parts"
    return [provided(~going, x, reason) for x in state]


def _limited(content, height, width, limit):
    content = provided((height > 0) & (width > 0), content, "has no pixels")
    reason = "has {} x {} pixels, more than {} for its kind"
    return provided(
        width <= limit // tf.maximum(height, 1),
        content,
        tf.strings.format(reason, (width, height, limit)),
    )


def provided(condition, value, reason):
    """Returns the value, or an error."""
    with tf.control_dependencies([tf.debugging.Assert(condition, [reason])]):
        return tf.identity(value)


def _resized(image, size):
    return tf.image.resize(image, [size, size], antialias=True)
