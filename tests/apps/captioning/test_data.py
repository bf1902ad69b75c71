"""The images of captioning, and what is said of them."""

import collections
import csv
import io
import itertools
import json
import random
import re

import numpy as np
import pytest
from PIL import Image

from apps.captioning import coco
from apps.captioning import data
from apps.captioning import drawing
from apps.captioning import sample
from common.data.records import BadRecords
from common.errors import UserError

SPLITS = ["train", "valid", "test"]


# The sample.


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)))


def test_the_sample_is_the_same_each_time_and_its_splits_differ():
    assert sample.scenes(20, "train") == sample.scenes(20, "train")
    files = [
        content for split in SPLITS for content, _ in sample.scenes(200, split)
    ]
    assert len(set(files)) == 600


def test_an_image_of_the_sample_is_a_small_png():
    for content, _ in sample.scenes(20, "png"):
        assert content.startswith(b"\x89PNG")
        assert pixels(content).shape == (64, 64, 3)


def test_each_caption_is_accurate_by_the_others():
    for _, captions in sample.scenes(200, "others"):
        assert len(set(captions)) == 5
        for i, caption in enumerate(captions):
            assert sample.accurate(caption, captions[:i] + captions[i + 1 :])


def test_the_sample_is_loaded_with_all_captions_of_an_image(tmp_path):
    examples = data.load("sample", "valid", "", bad_records(tmp_path))
    assert len(examples) == data.SAMPLES["valid"]
    x, y = next(iter(examples))
    ((content, captions),) = sample.scenes(1, "valid")
    assert x["image_bytes"].numpy() == content
    assert y.numpy().decode().split("\n") == captions


WORDS = [  # In the place of one, any other is wrong.
    list(drawing.SIZES),
    list(drawing.COLOURS),
    list(drawing.SHAPES),
    ["left of", "right of"],
    ["above", "below"],
    ["top left", "center right", "bottom center"],
]


def harmed(caption):
    """Yields captions in which one word is another."""
    for words in WORDS:
        for word, other in itertools.permutations(words, 2):
            for found in re.finditer(rf"\b{word}\b", caption):
                start, end = found.span()
                yield caption[:start] + other + caption[end:]


def test_a_caption_with_a_wrong_word_is_not_accurate():
    count = 0
    for _, captions in sample.scenes(40, "wrong"):
        for caption in harmed(captions[0]):
            count += 1
            assert not sample.accurate(caption, captions), caption
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
def test_a_caption_says_what_is_where(caption, relations):
    things = {thing for one, _, other in relations for thing in (one, other)}
    assert sample.facts(caption) == (tuple(sorted(things)), relations)


def test_what_is_alone_has_a_position():
    caption = "there is a large blue square in the bottom left"
    assert sample.facts(caption) == (((*SQUARE, "bottom left"),), frozenset())


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
def test_other_text_says_nothing(text):
    assert sample.facts(text) is None
    references = ["a small red circle at the top left"]
    assert not sample.accurate(text, references)


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
def test_too_few_and_too_many_objects_are_not_accurate(text):
    references = ["a small red circle left of a large blue square"]
    assert sample.facts(text)
    assert not sample.accurate(text, references)


def look(thing):
    return thing.size, thing.colour, thing.shape


def test_the_captions_tell_of_all_that_are_in_line():
    rng = random.Random(0)
    rows_of_three = 0
    for _ in range(500):
        things = sample._things(rng)
        true = set()
        for one, other in itertools.permutations(things, 2):
            if one.row == other.row and one.column < other.column:
                true.add((look(one), "left of", look(other)))
            if one.column == other.column and one.row < other.row:
                true.add((look(one), "above", look(other)))
        said = [sample.facts(c) for c in sample._captions(things, rng)]
        assert set().union(*(relations for _, relations in said)) == true
        rows_of_three += len(true) == 3
    assert rows_of_three > 5


def test_the_position_is_that_of_the_object():
    names = [
        ["top left", "top center", "top right"],
        ["center left", "center", "center right"],
        ["bottom left", "bottom center", "bottom right"],
    ]
    for row, column in itertools.product(range(3), range(3)):
        thing = drawing.Thing(*TRIANGLE, row, column)
        for caption in sample._captions([thing], random.Random(0)):
            ((*_, position),), _ = sample.facts(caption)
            assert position == names[row][column]


def test_the_words_of_the_sample_are_evenly_drawn():
    captions = [c for _, said in sample.scenes(400, "words") for c in said]
    counts = collections.Counter(" ".join(captions).split())
    for words in (drawing.SIZES, drawing.COLOURS, drawing.SHAPES):
        found = [counts[word] for word in words]
        assert min(found) > 0.7 * sum(found) / len(found)
    said = collections.Counter(
        len(sample.facts(caption)[0]) for caption in captions
    )
    assert all(said[n] > 0.1 * len(captions) for n in (1, 2, 3))
    relations = [
        sum(f" {words} " in caption for caption in captions)
        for words in sample.RELATIONS
    ]
    assert min(relations) > 0.02 * len(captions)
    assert max(len(caption.split()) for caption in captions) <= 20


def drawn(thing, seed):
    """Returns which pixels an object changes, and the picture, (64, 64, 3)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "NOISE", 0)
        empty, full = (
            pixels(drawing.draw(things, random.Random(seed))).astype(int)
            for things in ([], [thing])
        )
    return (empty != full).any(-1), full


def test_objects_have_the_size_that_is_said_and_never_overlap():
    for shape in drawing.SHAPES:
        areas = {}
        for size, seed in itertools.product(drawing.SIZES, range(20)):
            thing = drawing.Thing(size, "white", shape, 1, 1)
            changed, _ = drawn(thing, seed)
            areas.setdefault(size, []).append(changed.sum())
            for across in changed.any(0), changed.any(1):
                places = np.flatnonzero(across)
                assert places.min() >= 21 and places.max() <= 42
        assert 1.5 * max(areas["small"]) < min(areas["large"])


def test_objects_have_the_colour_that_is_said():
    for colour, seed in itertools.product(drawing.COLOURS, range(20)):
        thing = drawing.Thing("large", colour, "circle", 0, 2)
        changed, picture = drawn(thing, seed)
        assert changed[:22, 42:].sum() == changed.sum()
        found = np.median(picture[changed], 0)
        distances = {
            name: np.abs(found - drawing._shade(name, random.Random(0))).sum()
            for name in drawing.COLOURS
        }
        assert min(distances, key=distances.get) == colour


# Files.


def bad_records(folder, allowed=0.0):
    return BadRecords(folder / "bad_records.csv", allowed)


def read(dataset, split, data_dir, records):
    """Returns the numbers of images, and their captions."""
    examples = data.load(str(dataset), split, str(data_dir), records)
    return [
        (number(x["image_bytes"].numpy()), y.numpy().decode().split("\n"))
        for x, y in examples
    ]


def picture(count):
    """Returns a file whose content tells a number."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3), (count, 50, 100)).save(file, "PNG")
    return file.getvalue()


def number(content):
    return pixels(content)[0, 0, 0]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )


def passed_over(records):
    records.report()
    with records.path.open() as file:
        return [
            (row["file"], row["position"], row["problem"])
            for row in csv.DictReader(file)
        ]


def write_flickr8k(
    folder, text="Flickr8k_text", images="Flicker8k_Dataset", lines=""
):
    """Writes images 1 and 2 for training, 3 to validate, 4 for the test."""
    captions = "".join(
        f"{n}.jpg#{i}\tA Dog , {n} {i} .\n" for n in range(1, 5) for i in (0, 1)
    )
    write(folder / text / "Flickr8k.token.txt", captions + lines)
    lists = {"train": "1.jpg\n2.jpg\n", "dev": "3.jpg\n", "test": "4.jpg"}
    for name, names in lists.items():
        write(folder / text / f"Flickr_8k.{name}Images.txt", names)
    for n in range(1, 5):
        write(folder / images / f"{n}.jpg", picture(n))


@pytest.mark.parametrize("text", ["", "Flickr8k_text"])
@pytest.mark.parametrize("images", ["Flicker8k_Dataset", "Flickr8k_Dataset"])
def test_flickr8k_is_read_as_published(tmp_path, text, images):
    write_flickr8k(tmp_path, text, images)
    records = bad_records(tmp_path)
    found = {n: read("flickr8k", n, tmp_path, records) for n in SPLITS}
    assert found == {
        "train": [
            (1, ["A Dog , 1 0 .", "A Dog , 1 1 ."]),
            (2, ["A Dog , 2 0 .", "A Dog , 2 1 ."]),
        ],
        "valid": [(3, ["A Dog , 3 0 .", "A Dog , 3 1 ."])],
        "test": [(4, ["A Dog , 4 0 .", "A Dog , 4 1 ."])],
    }
    records.report()
    assert not records.path.exists()


def test_images_are_read_when_they_are_asked_for(tmp_path):
    write_flickr8k(tmp_path)
    records = bad_records(tmp_path)
    examples = data.load("flickr8k", "test", str(tmp_path), records)
    (tmp_path / "Flicker8k_Dataset/4.jpg").write_bytes(picture(9))
    ((x, _),) = examples
    assert number(x["image_bytes"].numpy()) == 9


def test_what_is_passed_over_is_named_once(tmp_path, capsys):
    write_flickr8k(tmp_path, lines="no number\tA dog.\n")
    folder = tmp_path / "Flicker8k_Dataset"
    (folder / "1.jpg").unlink()
    (folder / "4.jpg").write_bytes(picture(4)[:40])
    records = bad_records(tmp_path, 0.5)
    for split in [*SPLITS, *SPLITS]:
        read("flickr8k", split, tmp_path, records)
    captions = str(tmp_path / "Flickr8k_text/Flickr8k.token.txt")
    rows = passed_over(records)
    assert [row[:2] for row in rows] == [
        (captions, "9"),
        (str(folder / "4.jpg"), "1"),
        (str(folder / "1.jpg"), "1"),
    ]
    assert rows[-1][-1] == "not there"
    # Nine lines, three images.
    assert capsys.readouterr().err.startswith(
        "Passed over 2 of 12 records, which cannot be read, and 1 that"
    )


def test_the_report_is_of_the_splits_that_were_loaded(tmp_path):
    write_flickr8k(tmp_path)
    with (tmp_path / "Flickr8k_text/Flickr_8k.devImages.txt").open("a") as file:
        file.write("absent.jpg\n")
    records = bad_records(tmp_path)
    read("flickr8k", "train", tmp_path, records)
    records.report()
    assert not records.path.exists()
    read("flickr8k", "valid", tmp_path, records)
    assert len(passed_over(records)) == 1


def test_an_image_without_a_caption_is_passed_over_and_named(tmp_path):
    write_flickr8k(tmp_path, lines="5.jpg#0\t \n")
    (tmp_path / "Flickr8k_text/Flickr_8k.trainImages.txt").write_text(
        "1.jpg\n5.jpg\n6.jpg\n"
    )
    for n in (5, 6):
        write(tmp_path / f"Flicker8k_Dataset/{n}.jpg", picture(n))
    records = bad_records(tmp_path, 0.5)
    found = read("flickr8k", "train", tmp_path, records)
    assert [n for n, _ in found] == [1]
    assert [(row[0][-5:], row[2]) for row in passed_over(records)] == [
        ("5.jpg", "it has no caption"),
        ("6.jpg", "it has no caption"),
    ]


def test_broken_images_are_refused_beyond_what_is_allowed(tmp_path):
    write_flickr8k(tmp_path)
    path = tmp_path / "Flicker8k_Dataset/2.jpg"
    path.write_bytes(b"<html>Not found</html>")
    with pytest.raises(UserError, match=re.escape(f"{path}, 1: ")):
        read("flickr8k", "train", tmp_path, bad_records(tmp_path))


def test_what_is_missing_is_said_with_the_remedy(tmp_path):
    def refused(problem, dataset, data_dir):
        with pytest.raises(UserError, match=problem):
            read(dataset, "train", data_dir, bad_records(tmp_path))

    refused("to those who ask.*https.*--data_dir", "flickr8k", "")
    refused("too large.*https.*--data_dir", "coco", "")
    absent = tmp_path / "absent"
    refused(r"No Flickr8k_text/Flickr8k\.token.*--data_dir", "flickr8k", absent)
    refused(r"No annotations/captions_train2017.*--data_dir", "coco", absent)
    refused("No data set 'vizwiz'", "vizwiz", tmp_path)
    refused(r"absent\.tsv cannot be read", tmp_path / "absent.tsv", "")
    write_flickr8k(tmp_path)
    for path in (tmp_path / "Flicker8k_Dataset").iterdir():
        path.unlink()
    refused(
        "None of the 2 images of the train.*--data_dir", "flickr8k", tmp_path
    )
    (tmp_path / "Flicker8k_Dataset").rmdir()
    refused("No Flicker8k_Dataset in .*--data_dir", "flickr8k", tmp_path)
    write(tmp_path / "own.tsv", "a.png\tA dog.\n")
    refused("None of the 1 images of .*--data_dir", tmp_path / "own.tsv", "")


def write_own(folder, count=150, images="images"):
    """Writes a table, and images of which the last third is the first."""
    lines = "".join(
        f"{n}.png\tNumber {n} {i}\n" for i in "ab" for n in range(count)
    )
    write(folder / "own.tsv", lines)
    for n in range(count):
        write(folder / images / f"{n}.png", picture(n % (count * 2 // 3)))
    return folder / "own.tsv"


def test_own_images_that_are_the_same_are_in_one_split(tmp_path):
    path = write_own(tmp_path)
    records = bad_records(tmp_path)
    found = {
        split: read(path, split, tmp_path / "images", records)
        for split in SPLITS
    }
    shown = [{n for n, _ in examples} for examples in found.values()]
    assert sum(map(len, shown)) == len(set.union(*shown)) == 100
    assert all(3 <= len(some) <= 20 for some in shown[1:])
    captions = [c for examples in found.values() for _, c in examples]
    assert sorted(captions) == sorted(
        [f"Number {n} a", f"Number {n} b"] for n in range(150)
    )


def test_own_images_lie_beside_the_table_if_no_folder_is_named(tmp_path):
    path = write_own(tmp_path, 30, images=".")
    (tmp_path / "0.png").unlink()
    records = bad_records(tmp_path)
    found = [read(path, split, "", records) for split in SPLITS]
    assert sum(map(len, found)) == 29
    assert passed_over(records) == [(f"{tmp_path}/0.png", "1", "not there")]


def test_a_caption_is_one_line_without_tabs_and_not_empty(tmp_path):
    path = tmp_path / "own.tsv"
    write(path, "\ufeffa.png\t Two\twords. \r\na.png\t \n\na.png\tEnd.\n")
    write(tmp_path / "a.png", picture(1))
    records = bad_records(tmp_path)
    found = [e for split in SPLITS for e in read(path, split, "", records)]
    assert found == [(1, ["Two words.", "End."])]


@pytest.mark.parametrize("line", [b"a.png", b"\tA dog.", b"a.png\t\xff"])
def test_a_bad_row_is_named(tmp_path, line):
    path = tmp_path / "own.tsv"
    write(path, b"a.png\tA dog.\n" + line + b"\n")
    write(tmp_path / "a.png", picture(1))
    with pytest.raises(UserError, match=rf"{re.escape(str(path))}, 2: "):
        read(path, "train", "", bad_records(tmp_path))


def test_a_table_with_its_columns_changed_is_refused(tmp_path):
    path = tmp_path / "own.tsv"
    write(path, "word " * 100 + "\ta.png\n")
    write(tmp_path / "a.png", picture(1))
    with pytest.raises(UserError, match="None of the 1 images"):
        read(path, "train", "", bad_records(tmp_path))


def write_coco(folder, year, part, numbers):
    """Writes images and annotations in the format of COCO."""
    prefix = f"COCO_{part}2014_" if year == 2014 else ""
    names = {n: f"{prefix}{n:012d}.jpg" for n in numbers}
    content = {
        "info": {"description": f"COCO {year} Dataset", "year": year},
        "licenses": [{"id": 1, "name": "Attribution License"}],
        "images": [
            {"license": 1, "file_name": name, "height": 3, "width": 4, "id": n}
            for n, name in names.items()
        ],
        "annotations": [
            {"image_id": n, "id": 10 * n + i, "caption": f"Number {n}{i}.\n"}
            for i in range(5)
            for n in numbers
        ],
    }
    path = folder / f"annotations/captions_{part}{year}.json"
    write(path, json.dumps(content))
    for n, name in names.items():
        write(folder / f"{part}{year}" / name, picture(n))
    return path


@pytest.mark.parametrize("year", coco.YEARS)
def test_coco_is_read_as_published(tmp_path, year):
    write_coco(tmp_path, year, "train", range(1, 200))
    write_coco(tmp_path, year, "val", range(200, 205))
    records = bad_records(tmp_path)
    found = {n: dict(read("coco", n, tmp_path, records)) for n in SPLITS}
    assert set(found["test"]) == set(range(200, 205))
    assert set(found["train"]) | set(found["valid"]) == set(range(1, 200))
    assert not set(found["train"]) & set(found["valid"])
    assert 2 < len(found["valid"]) < 20
    assert found["test"][200] == [f"Number 200{i}." for i in range(5)]


def test_the_years_of_coco_are_not_mixed(tmp_path):
    write_coco(tmp_path, 2014, "train", range(1, 5))
    write_coco(tmp_path, 2017, "val", range(1, 3))
    records = bad_records(tmp_path)
    assert len(read("coco", "test", tmp_path, records)) == 2
    with pytest.raises(UserError, match=r"captions_train2017\.json"):
        read("coco", "train", tmp_path, records)


def write_karpathy(folder, name="dataset_coco.json"):
    splits = ["train", "restval", "val", "test"]
    images = [
        {
            "filepath": "val2014",
            "filename": f"COCO_val2014_{n:012d}.jpg",
            "split": split,
            "cocoid": n,
            "sentences": [
                {"tokens": ["a"], "raw": f"Number {n}{i}.", "imgid": n}
                for i in range(5)
            ],
        }
        for n, split in enumerate(splits)
    ]
    write(folder / name, json.dumps({"images": images, "dataset": "coco"}))


@pytest.mark.parametrize("name", coco.KARPATHY)
@pytest.mark.parametrize("year", coco.YEARS)
def test_coco_has_the_splits_of_karpathy_if_their_file_is_there(
    tmp_path, name, year
):
    write_coco(tmp_path, year, "val", range(4))
    write_karpathy(tmp_path, name)
    records = bad_records(tmp_path)
    found = {n: dict(read("coco", n, tmp_path, records)) for n in SPLITS}
    assert {split: list(some) for split, some in found.items()} == {
        "train": [0, 1],
        "valid": [2],
        "test": [3],
    }
    assert found["valid"][2] == [f"Number 2{i}." for i in range(5)]


@pytest.mark.parametrize("entry", [{}, {"image_id": 9, "caption": "A."}, 1])
def test_a_broken_annotation_is_named(tmp_path, entry):
    path = write_coco(tmp_path, 2017, "val", [1])
    content = json.loads(path.read_text())
    content["annotations"].append(entry)
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=rf"{re.escape(str(path))}, 6: "):
        read("coco", "test", tmp_path, bad_records(tmp_path))


@pytest.mark.parametrize("text", ['{"images": [', "[]", '{"images": []}'])
def test_what_is_no_annotation_file_is_refused(tmp_path, text):
    path = write_coco(tmp_path, 2017, "val", [1])
    path.write_text(text)
    with pytest.raises(UserError, match=r"captions_val2017\.json is broken"):
        read("coco", "test", tmp_path, bad_records(tmp_path))


def test_each_data_set_has_a_licence():
    for dataset in ("sample", *data.PUBLISHED, "own.tsv"):
        assert data.licence(dataset).endswith(".")


@pytest.mark.real_data
def test_flickr8k_of_which_a_part_is_there(tmp_path, public_data):
    folder = public_data("flickr8k")
    records = bad_records(tmp_path)
    found = [
        list(data.load("flickr8k", split, str(folder), records))
        for split in SPLITS
    ]
    assert [len(examples) for examples in found] == [753, 113, 125]
    assert all(y.numpy().count(b"\n") == 4 for _, y in found[2])
    assert len(passed_over(records)) == 8000 - 991
