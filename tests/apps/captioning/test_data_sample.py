"""The scenes of the sample, their pictures and their captions."""

import collections
import io
import itertools
import random
import re

import numpy as np
import pytest
from PIL import Image

from apps.captioning.config import CaptioningConfig
from apps.captioning.data import drawing
from apps.captioning.data import grammar
from apps.captioning.data import sample
from apps.captioning.data import scene

SPLITS = ["train", "valid", "test"]


def scenes(count, split="train"):
    return list(sample.Scenes(count, split))


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)))


def test_scenes_are_reproducible_and_splits_differ():
    assert scenes(20, "train") == scenes(20, "train")
    files = [content for split in SPLITS for content, _ in scenes(100, split)]
    assert len(set(files)) == 300


def test_objects_and_places_decide_the_split():
    rng = random.Random(0)
    for _ in range(200):
        objects = sample.place_objects(rng)
        splits = {
            sample.split_of(list(order))
            for order in itertools.permutations(objects)
        }
        assert len(splits) == 1


def test_no_scene_is_in_two_splits(monkeypatch):
    monkeypatch.setattr(
        drawing, "draw", lambda objects, rng: frozenset(objects)
    )
    train, valid, test = (
        {objects for objects, _ in scenes(1500, split)} for split in SPLITS
    )
    assert not train & valid | train & test | valid & test
    # Of one object, nearly all are drawn.
    alone = {scene for scene in train | valid | test if len(scene) == 1}
    assert 180 < len(alone) <= 216


def test_pictures_are_small_pngs():
    for content, _ in scenes(20):
        assert content.startswith(b"\x89PNG")
        assert pixels(content).shape == (64, 64, 3)


def test_each_caption_is_accurate_by_the_other_captions():
    for _, captions in scenes(100):
        assert len(set(captions)) == 5
        for i, caption in enumerate(captions):
            rest = captions[:i] + captions[i + 1 :]
            assert grammar.is_accurate(caption, rest)


def test_an_example_has_all_captions_of_a_picture():
    dataset = sample.Sample(CaptioningConfig(), None)
    examples = dataset.examples("valid")
    assert len(examples) == sample.SCENES["valid"]
    expected = scenes(3, "valid")
    for _ in range(2):
        for (x, y), (content, captions) in zip(examples.take(3), expected):
            assert x["image_bytes"].numpy() == content
            assert [c.decode() for c in y["captions"].numpy()] == captions


WORDS = [  # In the place of a word, any other of its list is wrong.
    list(scene.SIZES),
    list(scene.COLORS),
    list(scene.SHAPES),
    ["left of", "right of"],
    ["above", "below"],
    ["top left", "center right", "bottom center"],
]


def with_wrong_words(caption):
    """Yields captions with one wrong word."""
    for words in WORDS:
        for word, wrong in itertools.permutations(words, 2):
            for match in re.finditer(rf"\b{word}\b", caption):
                start, end = match.span()
                yield caption[:start] + wrong + caption[end:]


def test_a_caption_with_a_wrong_word_is_not_accurate():
    count = 0
    for _, captions in scenes(40):
        for caption in with_wrong_words(captions[0]):
            count += 1
            assert not grammar.is_accurate(caption, captions), caption
    assert count > 40 * 10


CIRCLE = ("small", "red", "circle")
SQUARE = ("large", "blue", "square")
TRIANGLE = ("small", "green", "triangle")


@pytest.mark.parametrize(
    ("caption", "relations"),
    [
        (
            "a small red circle left of a large blue square",
            {(CIRCLE, "left of", SQUARE)},
        ),
        (
            "we see a large blue square right of a small red circle",
            {(CIRCLE, "left of", SQUARE)},
        ),
        (
            "there is a small red circle left of a large blue square and below "
            "a small green triangle",
            {(CIRCLE, "left of", SQUARE), (TRIANGLE, "above", CIRCLE)},
        ),
    ],
)
def test_relations_are_parsed(caption, relations):
    objects = {item for a, _, b in relations for item in (a, b)}
    assert grammar.parse(caption) == (tuple(sorted(objects)), relations)


def test_a_single_object_has_a_position():
    caption = "there is a large blue square in the bottom left"
    expected = ((*SQUARE, "bottom left"),), frozenset()
    assert grammar.parse(caption) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a dog",
        "a small red circle",
        "a red circle at the top left",
        "a small red circle at the top left.",
        "A small red circle at the top left",
        "a small red circle and a large blue square",
        "a small red circle left of a large blue square at the top left",
        "a small red circle left of a large blue square with a small green "
        "star to its left",
        "a small red circle left of a large blue square\n",
    ],
)
def test_other_text_is_not_of_the_grammar(text):
    assert grammar.parse(text) is None
    references = ["a small red circle at the top left"]
    assert not grammar.is_accurate(text, references)


@pytest.mark.parametrize(
    "text",
    [
        "a small red circle at the top left",
        "a small red circle left of a small red circle",
        "a small red circle left of a large blue square and above a small "
        "green triangle",
        "a small red circle left of a large blue square and left of a small "
        "red circle",
    ],
)
def test_missing_and_additional_objects_are_not_accurate(text):
    references = ["a small red circle left of a large blue square"]
    assert grammar.parse(text)
    assert not grammar.is_accurate(text, references)


def look(item):
    return item.size, item.color, item.shape


def test_captions_state_all_relations_of_a_scene():
    rng = random.Random(0)
    rows_of_three = 0
    for _ in range(500):
        objects = sample.place_objects(rng)
        expected = set()
        for a, b in itertools.permutations(objects, 2):
            if a.row == b.row and a.column < b.column:
                expected.add((look(a), "left of", look(b)))
            if a.column == b.column and a.row < b.row:
                expected.add((look(a), "above", look(b)))
        stated = set()
        for caption in grammar.captions(objects, rng):
            stated |= grammar.parse(caption)[1]
        assert stated == expected
        rows_of_three += len(expected) == 3
    assert rows_of_three > 5


def test_the_position_is_the_cell_of_the_object():
    names = [
        ["top left", "top center", "top right"],
        ["center left", "center", "center right"],
        ["bottom left", "bottom center", "bottom right"],
    ]
    for row, column in itertools.product(range(3), range(3)):
        item = scene.SceneObject(*TRIANGLE, row, column)
        for caption in grammar.captions([item], random.Random(0)):
            ((*_, position),), _ = grammar.parse(caption)
            assert position == names[row][column]


def test_words_are_evenly_distributed():
    rng = random.Random("words")
    captions = []
    for _ in range(400):
        captions += grammar.captions(sample.place_objects(rng), rng)
    counts = collections.Counter(" ".join(captions).split())
    for words in (scene.SIZES, scene.COLORS, scene.SHAPES):
        numbers = [counts[word] for word in words]
        assert min(numbers) > 0.7 * sum(numbers) / len(numbers)
    objects = collections.Counter(len(grammar.parse(c)[0]) for c in captions)
    assert all(objects[n] > 0.1 * len(captions) for n in (1, 2, 3))
    relations = [
        sum(f" {relation} " in caption for caption in captions)
        for relation in grammar.RELATIONS
    ]
    assert min(relations) > 0.02 * len(captions)
    assert max(len(caption.split()) for caption in captions) <= 20


def drawn(item, seed):
    """Returns which pixels an object changes, and the picture, (64, 64, 3)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "NOISE", 0)
        empty, full = (
            pixels(drawing.draw(objects, random.Random(seed))).astype(int)
            for objects in ([], [item])
        )
    return (empty != full).any(-1), full


def test_objects_have_their_size_and_stay_in_their_cells():
    for shape in scene.SHAPES:
        areas = {}
        for size, seed in itertools.product(scene.SIZES, range(20)):
            item = scene.SceneObject(size, "white", shape, 1, 1)
            changed, _ = drawn(item, seed)
            areas.setdefault(size, []).append(changed.sum())
            for axis in (0, 1):
                lines = np.flatnonzero(changed.any(axis))
                assert lines.min() >= 21
                assert lines.max() <= 42
        assert 1.5 * max(areas["small"]) < min(areas["large"])


def test_objects_have_their_color():
    for color, seed in itertools.product(scene.COLORS, range(20)):
        item = scene.SceneObject("large", color, "circle", 0, 2)
        changed, picture = drawn(item, seed)
        assert changed[:22, 42:].sum() == changed.sum()
        median = np.median(picture[changed], 0)
        distances = {
            name: np.abs(median - drawing._shade(name, random.Random(0))).sum()
            for name in scene.COLORS
        }
        assert min(distances, key=distances.get) == color
