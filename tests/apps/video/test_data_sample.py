"""The sample: motions, their labels, and what a single frame tells."""

import collections
import functools
import io
import itertools
import random

import numpy as np
import pytest

from apps.video.config import VideoConfig
from apps.video.data import drawing
from apps.video.data import motions
from apps.video.data import sample


@functools.cache
def drawn(count, seed="x"):
    """Returns motions and labels of clips; the tests leave them as they are."""
    rng = random.Random(seed)
    return [motions.draw(sample.FRAMES, rng) for _ in range(count)]


def changes(pair, following):
    """Returns the changes of place, size and angle of the two shapes."""
    return [
        (
            abs(after.center - before.center),
            after.radius - before.radius,
            after.angle - before.angle,
        )
        for before, after in zip(pair, following)
    ]


def seen_label(pair, following, before):
    """Returns the label that the change of two shapes means.

    Args:
      pair: The two shapes.
      following: The same in the next frame.
      before: The same in the frame before `pair`.
    """
    moves = [
        after.center - start.center for start, after in zip(pair, following)
    ]
    (_, grown_a, turned_a), (_, grown_b, turned_b) = changes(pair, following)
    if all(abs(move) > 0 for move in moves):
        # Of a chase both move alike; of a collision, in opposite directions.
        return "chases" if abs(moves[0] - moves[1]) < 1e-6 else "collides"
    if grown_a + grown_b:
        return "grows" if grown_a + grown_b > 0 else "shrinks"
    if turned_a or turned_b:
        return "turns"
    move = sum(moves)
    if not move:
        return "rests"
    return "slides" if abs(move.real) > abs(move.imag) else "bounces"


def test_the_label_of_a_frame_is_the_change_that_led_to_it():
    for pairs, labels in drawn(150)[:40]:
        assert labels[0] == "rests"
        triples = zip(pairs, pairs[1:], [pairs[0], *pairs])
        assert labels[1:] == [seen_label(*triple) for triple in triples]


def test_shapes_stay_in_the_frame_and_apart():
    for pairs, _ in drawn(150)[:40]:
        for pair in pairs:
            assert motions._fits(pair, -1e-6)


def test_every_motion_is_about_as_frequent():
    counts = collections.Counter(
        label for _, labels in drawn(150) for label in labels
    )
    assert set(counts) == set(motions.MOTIONS)
    shares = {name: n / counts.total() for name, n in counts.items()}
    assert 0.15 < shares.pop("rests") < 0.24  # Also at the beginning.
    assert all(0.08 < share < 0.15 for share in shares.values()), shares


def test_size_and_distance_do_not_tell_the_label():
    """Their means hardly depend on the label."""
    sizes, gaps = collections.defaultdict(list), collections.defaultdict(list)
    for pairs, labels in drawn(150):
        for pair, label in zip(pairs, labels):
            sizes[label].append(pair[0].radius + pair[1].radius)
            gaps[label].append(abs(pair[0].center - pair[1].center))
    for values in (sizes, gaps):
        together = np.concatenate(list(values.values()))
        for label, own in values.items():
            shift = np.mean(own) - together.mean()
            assert abs(shift) < 0.8 * together.std(), label


def test_a_clip_is_the_same_each_time_and_no_clip_comes_twice():
    first, again = (
        list(itertools.islice(sample.draw_clips("test"), 5)) for _ in range(2)
    )
    assert first == again
    another = list(itertools.islice(sample.draw_clips("train"), 5))
    assert not {content for content, _ in first} & {c for c, _ in another}


def test_frames_show_the_shapes(monkeypatch):
    monkeypatch.setattr(drawing, "NOISE", 0)
    ((pairs, labels),) = drawn(1, seed=3)
    frames = drawing.draw(pairs, random.Random(0))
    assert frames.shape == (sample.FRAMES, motions.SIDE, motions.SIDE, 3)
    assert frames.dtype == np.uint8
    for t, label in enumerate(labels):
        if t and label == "rests":
            np.testing.assert_array_equal(frames[t], frames[t - 1])
        elif t:
            assert (frames[t] != frames[t - 1]).any()
    for body in pairs[5]:
        x, y = int(body.center.real), int(body.center.imag)
        assert frames[5, y, x].max() > 150  # Shapes are bright.


@pytest.mark.parametrize("shape", drawing.SHAPES)
def test_a_shape_covers_its_area(shape):
    body = motions.Body(16 + 16j, 8.0, 0.3)
    area = drawing._opacity(shape, [body]).sum()
    sides = {
        "triangle": 3 * np.sqrt(3) / 4 * 64,
        "square": 2 * 64,
        "bar": 4 * 0.9 * 0.44 * 64,
    }
    assert area == pytest.approx(sides[shape], rel=0.02)


def test_examples_have_a_label_for_each_frame():
    dataset = sample.Sample(VideoConfig(), None)
    examples = dataset.examples("valid")
    assert int(examples.cardinality()) == sample.CLIPS["valid"]
    x, y = next(iter(examples))
    frames = np.load(io.BytesIO(x["video"].numpy()))
    assert len(frames) == len(y["labels"]) == sample.FRAMES
