"""The frames of a GIF are those that Pillow renders, on white."""

import io
import struct

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from PIL import Image

from common.video import decode
from common.video import gif_blocks
from tests.common.video import clips

SIZE = 16
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
PALETTE = bytes((*RED, *GREEN, *BLUE, 9, 9, 9))


def area(index, side=SIZE, height=None):
    """Returns the indices of a frame of one color."""
    return np.full((height or side, side), index, np.uint8)


def small(index, **options):
    """Returns a frame of one color in the middle of the canvas."""
    return clips.Frame(area(index, 8), 4, 4, **options)


def corner_and_center(*frames, **options):
    """Returns the colors of two pixels in each frame of a GIF."""
    pixels = clips.read_one(clips.gif(SIZE, SIZE, frames, PALETTE, **options))
    return [[tuple(frame[0, 0]), tuple(frame[8, 8])] for frame in pixels]


@pytest.mark.parametrize("disposal", [0, 1])
def test_a_frame_stays(disposal):
    frames = [small(1, disposal=disposal), clips.Frame(area(2, 1))]
    assert corner_and_center(*frames) == [[RED, GREEN], [BLUE, GREEN]]


def test_the_area_of_a_frame_is_cleared():
    frames = [
        small(1, disposal=2, transparent=3),
        clips.Frame(area(2, 1), transparent=3),
    ]
    white = (255, 255, 255)
    assert corner_and_center(*frames) == [[white, GREEN], [BLUE, white]]


def test_the_area_of_a_frame_gets_the_background():
    frames = [
        clips.Frame(area(0)),
        small(1, disposal=2),
        clips.Frame(area(1, 1)),
    ]
    colors = corner_and_center(*frames, background=2)
    assert colors == [[RED, RED], [RED, GREEN], [GREEN, BLUE]]


def test_the_canvas_is_restored():
    frames = [
        clips.Frame(area(0)),
        small(1, disposal=3),
        clips.Frame(area(2, 1)),
    ]
    assert corner_and_center(*frames) == [[RED, RED], [RED, GREEN], [BLUE, RED]]


def test_transparent_pixels_do_not_change():
    indices = area(1, 8)
    indices[4, 4] = 3
    frames = [clips.Frame(area(0)), clips.Frame(indices, 4, 4, transparent=3)]
    assert corner_and_center(*frames)[1] == [RED, RED]


def test_a_first_frame_may_be_larger_than_the_screen():
    content = clips.gif(4, 4, [clips.Frame(area(1))], PALETTE)
    np.testing.assert_array_equal(
        clips.read_one(content), clips.by_pillow(content)
    )


def test_later_frames_are_cut_off_at_the_canvas():
    frames = [clips.Frame(area(0)), clips.Frame(area(1, 200), 8, 2)]
    pixels = clips.read_one(clips.gif(SIZE, SIZE, frames, PALETTE))[1]
    assert tuple(pixels[0, 15]) == tuple(pixels[15, 7]) == RED
    assert tuple(pixels[2, 8]) == tuple(pixels[15, 15]) == GREEN
    outside = [clips.Frame(area(0)), clips.Frame(area(1), 99, 99)]
    assert corner_and_center(*outside)[1] == [RED, RED]


def test_colors_may_follow_a_gray_frame():
    gray = bytes(i for i in range(4) for _ in range(3))
    frames = [clips.Frame(area(2)), small(1, palette=PALETTE)]
    pixels = clips.read_one(clips.gif(SIZE, SIZE, frames, gray))
    assert tuple(pixels[0, 8, 8]) == tuple(pixels[1, 0, 0]) == (2, 2, 2)
    assert tuple(pixels[1, 8, 8]) == GREEN


def test_delays_become_seconds():
    frames = [clips.Frame(area(0), delay=d) for d in (0, 1, 2, 10, 65_535)]
    result = clips.read(clips.gif(SIZE, SIZE, frames, PALETTE))
    np.testing.assert_allclose(
        result.durations[0], [0.1, 0.1, 0.02, 0.1, 655.35], rtol=1e-6
    )


def test_frames_are_resized_like_pictures():
    rng = np.random.default_rng(0)
    indices = rng.integers(0, 4, (40, 23), np.uint8)
    content = clips.gif(23, 40, [clips.Frame(indices)] * 2, PALETTE)
    picture = Image.fromarray(clips.by_pillow(content)[0])
    expected = np.asarray(picture.resize((SIZE, SIZE), 2), float)
    pixels = clips.read_one(content)
    assert np.abs(pixels[1] - expected).max() < 2
    np.testing.assert_array_equal(pixels[0], pixels[1])


@st.composite
def gif_files(draw):
    """Generates GIFs with frames of any place, palette and disposal."""
    colors = st.integers(1, 4).map(lambda bits: 2**bits)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))

    def palette(size):
        entries = rng.integers(0, 256, (size, 3), np.uint8)
        entries[1] = 7, 3, 200  # Not gray: Pillow renders gray ones wrong.
        return entries.tobytes()

    screen = draw(st.one_of(st.just(b""), colors.map(palette)))
    frames = []
    for _ in range(draw(st.integers(1, 5))):
        local = (
            palette(draw(colors)) if not screen or draw(st.booleans()) else b""
        )
        count = len(local or screen) // 3
        width, height = draw(st.tuples(*[st.integers(1, SIZE)] * 2))
        frame = clips.Frame(
            rng.integers(0, count, (height, width), np.uint8),
            draw(st.integers(0, SIZE - width)),
            draw(st.integers(0, SIZE - height)),
            local,
            draw(st.one_of(st.none(), st.integers(0, count - 1))),
            draw(st.integers(0, 4)),
            interlaced=draw(st.booleans()),
        )
        frames.append(frame)
    background = draw(st.integers(0, max(len(screen) // 3 - 1, 0)))
    return clips.gif(SIZE, SIZE, frames, screen, background)


@hypothesis.settings(max_examples=60)
@hypothesis.given(gif_files())
def test_any_frames_are_rendered_as_by_pillow(content):
    np.testing.assert_array_equal(
        clips.read_one(content), clips.by_pillow(content)
    )


@st.composite
def written_by_pillow(draw):
    """Generates GIFs of random frames that Pillow has written."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    mode = draw(st.sampled_from(["RGB", "RGBA", "P", "1"]))
    pictures = []
    for _ in range(draw(st.integers(1, 5))):
        small = rng.integers(0, 256, (4, 4, 4), np.uint8)
        small[..., 3] = rng.choice([0, 255], (4, 4))
        picture = Image.fromarray(small, "RGBA").resize((SIZE, SIZE), 0)
        pictures.append(picture.convert(mode))
    file = io.BytesIO()
    pictures[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        disposal=draw(st.integers(0, 3)),
        optimize=draw(st.booleans()),
        interlace=draw(st.booleans()),
        **draw(st.sampled_from([{}, {"transparency": 0}])),
    )
    return file.getvalue()


@hypothesis.settings(max_examples=60)
@hypothesis.given(written_by_pillow())
def test_files_of_pillow_are_rendered_as_by_pillow(content):
    np.testing.assert_array_equal(
        clips.read_one(content), clips.by_pillow(content)
    )


def test_the_complete_frames_of_a_cut_file_are_read():
    frames = [clips.Frame(area(i % 4), disposal=i % 4) for i in range(20)]
    content = clips.gif(SIZE, SIZE, frames, PALETTE)
    expected = clips.by_pillow(content)
    counts = []
    for percent in (1, 50, 90, 99):
        cut = content[: len(content) * percent // 100]
        result = clips.read(cut)
        counts.append(result.counts[0])
        np.testing.assert_array_equal(result.frames[0], expected[: counts[-1]])
    assert counts == [0, 9, 17, 19]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (clips.gif(SIZE, SIZE, [], PALETTE), "has no complete frame"),
        (clips.gif(SIZE, SIZE, [small(0)])[:60], "has no complete frame"),
        (b"GIF89a", "is cut short or damaged"),
        (
            clips.gif(65_535, 65_535, [small(0)]),
            "has 65,535 x 65,535 pixels, more than 33,554,432",
        ),
        (
            clips.gif(5000, 5000, [clips.Frame(area(0, 1))] * 4, PALETTE),
            "has 4 frames of 5,000 x 5,000 pixels, more than 268,435,456 bytes",
        ),
        (
            clips.gif(4, 4, [small(1)], PALETTE).replace(
                struct.pack("<HH", 8, 8), struct.pack("<HH", 8, 48)
            ),
            "is cut short or damaged",
        ),
    ],
    ids=range(6),
)
def test_reasons_are_precise(content, message):
    assert message in clips.reason(content)


@pytest.mark.slow
def test_five_thousand_frames_are_read():
    blocks = b"".join(clips.image(clips.Frame(area(i))) for i in range(4))
    content = clips.gif(SIZE, SIZE, [], PALETTE)[:-1] + 1250 * blocks
    result = clips.read(content)
    assert result.counts[0] == 5000
    assert tuple(result.frames[0, 4999, 0, 0]) == (9, 9, 9)
    with pytest.raises(ValueError, match="has 10,004 frames, more than 10,000"):
        decode.check(content + 1251 * blocks)


@pytest.mark.parametrize(
    "blocks",
    [b"\x21\xf9\0" * 90, b"\x21\xf9" + b"\1x" * 90, b"x" * 90],
    ids=["extensions", "sub-blocks", "unknown"],
)
def test_the_number_of_parts_is_limited(blocks):
    content = tf.constant(clips.gif(1, 1, [], PALETTE)[:-1] + blocks)
    assert len(gif_blocks.read(content, 200)) == 0
    with pytest.raises(tf.errors.InvalidArgumentError, match="too many parts"):
        gif_blocks.read(content, 80)


def test_a_frame_with_long_data_is_read():
    """Full sub-blocks are skipped many at a time."""
    rng = np.random.default_rng(0)
    indices = rng.integers(0, 4, (300, 300), np.uint8)
    frames = [clips.Frame(indices), clips.Frame(indices[::-1])]
    content = clips.gif(300, 300, frames, PALETTE)
    assert clips.read(content).counts[0] == 2
    assert len(gif_blocks.read(tf.constant(content), 30)) == 2
    assert len(gif_blocks.read(tf.constant(content[:-2]), 30)) == 1
