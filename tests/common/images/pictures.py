"""Pictures, written in all formats, and what is read of them."""

import io
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.images import decode

COLOURS = [[(220, 30, 30), (30, 200, 40)], [(40, 50, 210), (230, 220, 60)]]
SCAN = b"\xff\xda"


def quarters(mode="RGB", width=64, height=48):
    """Returns a picture of four colours."""
    small = Image.fromarray(np.array(COLOURS, "u1")).convert(mode, dither=0)
    return small.resize((width, height), 0)


def photo(width=120, height=90):
    """Returns a picture with many colours."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    waves = np.stack([y, x, np.sin(9 * x * y) / 2 + 0.5], -1)
    return Image.fromarray((255 * waves).astype("u1"))


def written(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png(rows, width, depth, colour, *chunks):
    """Returns a PNG of scan lines that are given as bytes."""

    def chunk(kind, content):
        checked = kind + content
        size, sum_ = len(content), zlib.crc32(checked)
        return struct.pack(">I", size) + checked + struct.pack(">I", sum_)

    header = width, len(rows), depth, colour, 0, 0, 0
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", *header)),
        *chunks,
        (b"IDAT", pixels),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def exif(orientation, order="<"):
    head = {"<": b"II", ">": b"MM"}[order]
    maker = struct.pack(f"{order}HHII", 0x010F, 2, 4, 0)
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    directory = struct.pack(f"{order}H", 2) + maker + entry + bytes(4)
    return b"Exif\0\0" + head + struct.pack(f"{order}HI", 42, 8) + directory


def with_sides(jpeg, width, height):
    """Returns a JPEG that claims to have other sides."""
    place = next(
        p for m in b"\xc0\xc2" if (p := jpeg.find(bytes([255, m]))) > 0
    )
    sides = struct.pack(">HH", height, width)
    return jpeg[: place + 5] + sides + jpeg[place + 9 :]


def samples():
    """Returns files of all formats."""
    many = {"save_all": True, "append_images": [quarters()]}
    return {
        "JPEG": written(photo(), "JPEG", exif=exif(6)),
        "progressive JPEG": written(photo(), "JPEG", progressive=True),
        "CMYK JPEG": written(quarters("CMYK"), "JPEG"),
        "PNG": written(photo(40, 30), "PNG"),
        "palette PNG": written(quarters("P"), "PNG", transparency=0),
        "GIF": written(photo(40, 30), "GIF"),
        "animated GIF": written(quarters().rotate(90), "GIF", **many),
        "BMP": written(photo(40, 30), "BMP"),
        "palette BMP": written(quarters("1"), "BMP"),
    }


def read(*contents, size=32):
    pixels, readable = decode.read(tf.constant(contents, tf.string), size)
    return pixels.numpy(), readable.numpy()


def read_one(content, size=32):
    pixels, readable = read(content, size=size)
    assert readable[0]
    return pixels[0]


def reason(content):
    """Returns why an image cannot be read."""
    assert not read(content)[1][0]
    with pytest.raises(ValueError) as error:
        decode.check(content)
    assert error.type is ValueError
    return str(error.value)
