"""Files of all formats are read in a batch, damaged ones harm no other."""

import pathlib
import struct
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.images import decode
from tests.common.images import pictures

ROOT = pathlib.Path(__file__).parents[3]


def test_damaged_files_do_not_affect_other_rows():
    jpeg, bitmap = (
        pictures.encode(pictures.photo(), "JPEG"),
        pictures.encode(pictures.quarters("P"), "PNG"),
    )
    contents = [jpeg, b"not an image", b"", bitmap, jpeg[:-200], jpeg]
    pixels, readable = pictures.read(*contents)
    assert readable.tolist() == [True, False, False, True, False, True]
    assert not pixels[~readable].any()
    for row in (0, 3, 5):
        np.testing.assert_array_equal(
            pixels[row], pictures.read_one(contents[row])
        )


def test_batches_of_any_size_are_read():
    content = pictures.encode(pictures.photo(), "JPEG")
    for count in (0, 1, 64):
        pixels, readable = pictures.read(*[content] * count)
        assert pixels.shape == (count, 32, 32, 3)
        assert readable.shape == (count,)
        assert readable.all()
        assert (pixels == pictures.read_one(content)).all()
    pixels, readable = pictures.read(b"x", b"y")
    assert not readable.any()
    assert not pixels.any()


@pytest.mark.extended
def test_reads_inside_a_data_set():
    contents = [
        pictures.encode(pictures.photo(), "PNG"),
        b"nothing",
        pictures.encode(pictures.photo(), "GIF"),
    ]
    data = tf.data.Dataset.from_tensor_slices(contents).batch(2)
    data = data.map(lambda x: decode.read(x, 32), tf.data.AUTOTUNE)
    assert data.element_spec[0].shape.as_list() == [None, 32, 32, 3]
    pixels, readable = (np.concatenate(part) for part in zip(*data))
    expected = pictures.read(*contents)
    np.testing.assert_array_equal(pixels, expected[0])
    np.testing.assert_array_equal(readable, expected[1])


@pytest.mark.parametrize("name", pictures.samples())
def test_truncated_files_are_not_readable(name):
    content = pictures.samples()[name]
    if name == "animated GIF":
        content = content[: content.rindex(b"!\xf9")]  # Only its first frame.
    end = len(content) - name.endswith("GIF")  # The last byte has no data.
    cuts = {*range(0, end, end // 40 + 1), end - 1}
    _, readable = pictures.read(*(content[:cut] for cut in cuts))
    assert not readable.any()
    for cut in (0, end // 2, end - 1):
        assert pictures.reason(content[:cut])


def damaged(content, rng):
    """Returns a file with changed, missing and additional bytes."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 6)):
        start = rng.integers(len(content) + 1)
        kind = rng.integers(4)
        if kind == 0:
            content[start : start + 1] = rng.bytes(1)
        elif kind == 1:
            content[start : start + rng.integers(1, 99)] = b""
        elif kind == 2:
            content[start:start] = rng.bytes(rng.integers(1, 99))
        else:
            content[start : start + 1] = b"\xff"
    return bytes(content)


def test_any_content_is_readable_or_not():
    rng = np.random.default_rng(0)
    contents = [
        damaged(c, rng) for c in pictures.samples().values() for _ in range(30)
    ]
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"):
        contents += [start + rng.bytes(rng.integers(300)) for _ in range(15)]
    pixels, readable = pictures.read(*contents)
    assert 20 < readable.sum() < len(contents) - 20
    assert pixels.min() >= 0
    assert pixels.max() <= 255
    assert not pixels[~readable].any()
    # Uninitialized memory would differ between two calls.
    again = pictures.read(*contents)
    np.testing.assert_array_equal(again[0], pixels)
    for content, can_be_read in zip(contents, readable):
        if can_be_read:
            decode.check(content)
        else:
            with pytest.raises(ValueError) as error:
                decode.check(content)
            assert error.type is ValueError


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a JPEG, PNG, GIF, BMP or WebP file"),
        (b"Hello", "is not a JPEG, PNG, GIF, BMP or WebP file"),
        (pictures.samples()["JPEG"][:-9], "is cut short or damaged"),
        (pictures.samples()["PNG"][:-9], "is cut short or damaged"),
        (
            pictures.with_sides(pictures.samples()["JPEG"], 65_500, 65_500),
            "has 65,500 x 65,500 pixels, more than 268,435,456",
        ),
        (
            pictures.with_sides(
                pictures.samples()["progressive JPEG"], 12_000, 9000
            ),
            "has 12,000 x 9,000 pixels, more than 33,554,432",
        ),
        (
            pictures.with_sides(
                pictures.samples()["JPEG"], 12_000, 9000
            ).replace(pictures.SCAN + b"\0\x0c\3", pictures.SCAN + b"\0\x08\1"),
            "has 12,000 x 9,000 pixels, more than 33,554,432",
        ),
        (
            pictures.with_sides(pictures.samples()["JPEG"], 64, 0),
            "has no pixels",
        ),
        (
            pictures.png([b""] * 9000, 12_000, 8, 0),
            "has 12,000 x 9,000 pixels, more than 33,554,432",
        ),
        (
            b"GIF89a\1\0\1\0\0\0\0\x2c\0\0\0\0\xff\xff\xff\xff\0",
            "has 65,535 x 65,535 pixels, more than 33,554,432",
        ),
        (
            b"BM" + struct.pack("<8x6i", 54, 40, 9000, -9000, 24 << 16, 0),
            "has 9,000 x 9,000 pixels, more than 33,554,432",
        ),
        (
            b"BM" + struct.pack("<8x6i", 54, 40, 64, 48, 8 << 16, 1),
            "is a BMP of an unsupported kind",
        ),
    ],
)
def test_reasons_are_precise(content, message):
    assert message in pictures.reason(content)


def test_the_number_of_parts_is_limited():
    content = b"GIF89a\1\0\1\0\0\0\0!\xfe" + b"\1a" * 70_000
    with pytest.raises(ValueError, match="too many parts"):
        decode.check(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_a_single_pixel_is_a_picture(kind):
    color = pictures.COLORS[0][0]
    content = pictures.encode(Image.new("RGB", (1, 1), color), kind)
    pixels = pictures.read_one(content)
    np.testing.assert_allclose(pixels, np.full((32, 32, 3), color), atol=3)


SERVE = """
import pathlib, sys
sys.modules["keras"] = None  # TensorFlow would import it.
import numpy as np
import tensorflow as tf

paths = sorted(pathlib.Path().glob("*.image"))
contents = [path.read_bytes() for path in paths]
model = tf.saved_model.load("model")
read = model.signatures["serving_default"]
np.savez("answers", **read(image=tf.constant(contents)))
nothing = read(image=tf.constant([], tf.string))
assert nothing["pixels"].shape == (0, 32, 32, 3)
assert "common" not in sys.modules
"""


class Reader(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image")])
    def serve(self, image):
        pixels, readable = decode.read(image, pictures.SIZE)
        return {"pixels": pixels, "readable": readable}


@pytest.mark.slow
def test_a_saved_model_alone_reads_the_same_pixels(tmp_path):
    reader = Reader()
    signatures = {"serving_default": reader.serve}
    tf.saved_model.save(reader, str(tmp_path / "model"), signatures)
    contents = [
        *pictures.samples().values(),
        b"nothing",
        pictures.samples()["PNG"][:-20],
    ]
    for number, content in enumerate(contents):
        (tmp_path / f"{number:02}.image").write_bytes(content)
    subprocess.run([sys.executable, "-c", SERVE], cwd=tmp_path, check=True)
    answers = np.load(tmp_path / "answers.npz")
    pixels, readable = pictures.read(*contents)
    np.testing.assert_array_equal(answers["pixels"], pixels)
    np.testing.assert_array_equal(answers["readable"], readable)


MEMORY = """
import pathlib, sys
import tensorflow as tf
from common.images import decode

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1000

content = pathlib.Path(sys.argv[1]).read_bytes()
decode.read(tf.constant([content[:9]]), 224)
before = peak()
pixels, readable = decode.read(tf.constant([content]), 224)
print(peak() - before, bool(readable[0]), int(pixels[0, 9, 9, 0] + 0.5))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "mode", "sides", "options", "megabytes"),
    [
        ("JPEG", "RGB", (12_000, 9000), {}, 50),
        ("JPEG", "RGB", (5700, 5700), {"progressive": True}, 400),
        ("PNG", "RGBA", (5700, 5700), {}, 800),
        ("GIF", "L", (5700, 5700), {}, 800),
        ("BMP", "L", (5700, 5700), {}, 800),
        ("PNG", "RGB", (12_000, 9000), {}, None),
    ],
)
def test_large_images_take_limited_memory(
    tmp_path, kind, mode, sides, options, megabytes
):
    path = tmp_path / "image"
    path.write_bytes(
        pictures.encode(Image.new(mode, sides, "white"), kind, **options)
    )
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, path],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    peak, readable, red = done.stdout.split()
    assert int(peak) < (megabytes or 50)
    expected = ("True", "255") if megabytes else ("False", "0")
    assert (readable, red) == expected
