"""Captioned pictures are read from files as published, or of your own."""

import csv
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from apps.captioning.config import CaptioningConfig
from apps.captioning.data import DATASETS
from apps.captioning.data import coco
from common.data import dataset as dataset_lib
from common.data import records
from common.errors import UserError
from tests import variants

SPLITS = ["train", "valid", "test"]


def open_dataset(name, data_dir, folder, allowed=0.0):
    """Returns a data set that lists bad records in `folder`."""
    bad_records = records.BadRecords(folder / "bad_records.csv", allowed)
    config = CaptioningConfig(dataset=str(name), data_dir=str(data_dir))
    return dataset_lib.find(DATASETS, str(name))(config, bad_records)


def read(dataset, split):
    """Returns the numbers of pictures, and their captions."""
    return [
        (
            number(x["image_bytes"].numpy()),
            [text.decode() for text in y["captions"].numpy() if text],
        )
        for x, y in dataset.examples(split)
    ]


def read_all(dataset):
    """Returns the pictures of each split; see `read`."""
    return {split: read(dataset, split) for split in SPLITS}


def picture(value):
    """Returns a file whose red channel is a number."""
    file = io.BytesIO()
    Image.new("RGB", (4, 3), (value, 50, 100)).save(file, "PNG")
    return file.getvalue()


def number(content):
    return np.asarray(Image.open(io.BytesIO(content)))[0, 0, 0]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )


def skipped(dataset):
    """Returns file, position and problem of the records that are skipped."""
    dataset.bad_records.report()
    with dataset.bad_records.path.open() as file:
        return [
            (row["file"], row["position"], row["problem"])
            for row in csv.DictReader(file)
        ]


def write_flickr8k(
    folder, text="Flickr8k_text", images="Flicker8k_Dataset", lines=""
):
    """Writes pictures 1 and 2 for training, 3 for validation, 4 for test."""
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
    dataset = open_dataset("flickr8k", tmp_path, tmp_path)
    assert read_all(dataset) == {
        "train": [
            (1, ["A Dog , 1 0 .", "A Dog , 1 1 ."]),
            (2, ["A Dog , 2 0 .", "A Dog , 2 1 ."]),
        ],
        "valid": [(3, ["A Dog , 3 0 .", "A Dog , 3 1 ."])],
        "test": [(4, ["A Dog , 4 0 .", "A Dog , 4 1 ."])],
    }
    dataset.bad_records.report()
    assert not dataset.bad_records.path.exists()


def test_pictures_are_read_when_needed(tmp_path):
    write_flickr8k(tmp_path)
    examples = open_dataset("flickr8k", tmp_path, tmp_path).examples("test")
    (tmp_path / "Flicker8k_Dataset/4.jpg").write_bytes(picture(9))
    ((x, _),) = examples
    assert number(x["image_bytes"].numpy()) == 9


def test_skipped_records_are_listed_once(tmp_path, capsys):
    write_flickr8k(tmp_path, lines="no number\tA dog.\n")
    folder = tmp_path / "Flicker8k_Dataset"
    (folder / "1.jpg").unlink()
    (folder / "4.jpg").write_bytes(picture(4)[:40])
    dataset = open_dataset("flickr8k", tmp_path, tmp_path, 0.5)
    for _ in range(2):
        read_all(dataset)
    captions = str(tmp_path / "Flickr8k_text/Flickr8k.token.txt")
    rows = skipped(dataset)
    assert [row[:2] for row in rows] == [
        (captions, "9"),
        (str(folder / "4.jpg"), "1"),
        (str(folder / "1.jpg"), "1"),
    ]
    # Nine lines, three pictures.
    assert capsys.readouterr().err.startswith(
        "Skipped 2 of 12 records that cannot be read and 1 missing record:"
    )


def test_only_splits_that_are_loaded_are_reported(tmp_path):
    write_flickr8k(tmp_path)
    with (tmp_path / "Flickr8k_text/Flickr_8k.devImages.txt").open("a") as file:
        file.write("absent.jpg\n")
    dataset = open_dataset("flickr8k", tmp_path, tmp_path)
    read(dataset, "train")
    dataset.bad_records.report()
    assert not dataset.bad_records.path.exists()
    read(dataset, "valid")
    assert len(skipped(dataset)) == 1


def test_a_picture_without_a_caption_is_skipped_and_listed(tmp_path):
    write_flickr8k(tmp_path, lines="5.jpg#0\t \n")
    (tmp_path / "Flickr8k_text/Flickr_8k.trainImages.txt").write_text(
        "1.jpg\n5.jpg\n6.jpg\n"
    )
    for n in (5, 6):
        write(tmp_path / f"Flicker8k_Dataset/{n}.jpg", picture(n))
    dataset = open_dataset("flickr8k", tmp_path, tmp_path, 0.5)
    assert [n for n, _ in read(dataset, "train")] == [1]
    assert [(row[0][-5:], row[2]) for row in skipped(dataset)] == [
        ("5.jpg", "it has no caption"),
        ("6.jpg", "it has no caption"),
    ]


def test_more_broken_pictures_than_tolerated_are_an_error(tmp_path):
    write_flickr8k(tmp_path)
    path = tmp_path / "Flicker8k_Dataset/2.jpg"
    path.write_bytes(b"<html>Not found</html>")
    with pytest.raises(UserError, match=re.escape(f"{path}, 1: ")):
        read(open_dataset("flickr8k", tmp_path, tmp_path), "train")


def test_missing_files_are_named_with_the_remedy(tmp_path):
    def refused(problem, name, data_dir):
        with pytest.raises(UserError, match=problem):
            read(open_dataset(name, data_dir, tmp_path), "train")

    refused("cannot be downloaded here.*https.*--data_dir", "flickr8k", "")
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
    """Writes a table, and pictures; the last third equals the first."""
    lines = "".join(
        f"{n}.png\tNumber {n} {i}\n" for i in "ab" for n in range(count)
    )
    write(folder / "own.tsv", lines)
    for n in range(count):
        write(folder / images / f"{n}.png", picture(n % (count * 2 // 3)))
    return folder / "own.tsv"


def test_own_pictures_with_equal_content_are_in_the_same_split(tmp_path):
    path = write_own(tmp_path)
    splits = read_all(open_dataset(path, tmp_path / "images", tmp_path))
    numbers = [{n for n, _ in pairs} for pairs in splits.values()]
    assert sum(map(len, numbers)) == len(set.union(*numbers)) == 100
    assert all(3 <= len(split) <= 20 for split in numbers[1:])
    captions = [c for pairs in splits.values() for _, c in pairs]
    assert sorted(captions) == sorted(
        [f"Number {n} a", f"Number {n} b"] for n in range(150)
    )


def test_own_pictures_are_in_the_folder_of_the_table_by_default(tmp_path):
    path = write_own(tmp_path, 30, images=".")
    (tmp_path / "0.png").unlink()
    dataset = open_dataset(path, "", tmp_path)
    assert sum(map(len, read_all(dataset).values())) == 29
    assert [row[:2] for row in skipped(dataset)] == [(f"{tmp_path}/0.png", "1")]


def test_captions_are_lines_without_tabs_and_not_empty(tmp_path):
    path = tmp_path / "own.tsv"
    row = '{0}.png\t" Two\twords. "\r\n{0}.png\t \n\n{0}.png\tEnd.\n'
    write(path, "\ufeff" + "".join(map(row.format, range(40))))
    for n in range(40):
        write(tmp_path / f"{n}.png", picture(n))
    splits = read_all(open_dataset(path, "", tmp_path))
    pairs = sorted(pair for split in splits.values() for pair in split)
    assert pairs == [(n, ["Two words.", "End."]) for n in range(40)]


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("captions.txt", "image,caption\n", '{0}.png,"A dog, {0}"\n'),
        (
            "results.csv",
            "image_name| comment_number| comment\n",
            "{0}.png| 0| A dog, {0}\n",
        ),
        ("own.tsv", "", "{0}.png\tA dog, {0}\t0.9\n"),
        ("own.jsonl", "", '{{"file": "{0}.png", "caption": "A dog, {0}"}}\n'),
    ],
)
def test_tables_as_published_are_read(tmp_path, name, header, row):
    write(tmp_path / name, header + "".join(map(row.format, range(40))))
    for n in range(40):
        write(tmp_path / f"{n}.png", picture(n))
    splits = read_all(open_dataset(tmp_path / name, "", tmp_path))
    pairs = sorted(pair for split in splits.values() for pair in split)
    assert pairs == [(n, [f"A dog, {n}"]) for n in range(40)]


def test_pictures_with_fewer_captions_end_with_empty_strings(tmp_path):
    path = tmp_path / "own.tsv"
    lines = [
        f"{n}.png\tCaption {i}.\n" for n in range(40) for i in range(n % 3)
    ]
    write(path, "".join(lines))
    for n in range(40):
        write(tmp_path / f"{n}.png", picture(n))
    for x, y in open_dataset(path, "", tmp_path).examples("train"):
        count = number(x["image_bytes"].numpy()) % 3
        assert y["captions"].numpy().tolist() == [
            *(b"Caption %d." % i for i in range(count)),
            *[b""] * (2 - count),
        ]


@pytest.mark.parametrize("line", [b"a.png", b"\tA dog.", b"a.png\t\xff"])
def test_a_bad_row_is_named(tmp_path, line):
    path = tmp_path / "own.tsv"
    write(path, b"a.png\tA dog.\n" + line + b"\n")
    write(tmp_path / "a.png", picture(1))
    with pytest.raises(UserError, match=rf"{re.escape(str(path))}, 2: "):
        read(open_dataset(path, "", tmp_path), "train")


def test_a_table_with_exchanged_columns_is_refused(tmp_path):
    path = tmp_path / "own.tsv"
    write(path, "word " * 100 + "\ta.png\n")
    write(tmp_path / "a.png", picture(1))
    with pytest.raises(UserError, match="longer than 255 bytes"):
        read(open_dataset(path, "", tmp_path), "train")


def write_coco(folder, year, part, numbers):
    """Writes pictures and annotations in the format of COCO."""
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


@pytest.mark.parametrize("year", variants.extended(coco.YEARS, 2014))
def test_coco_is_read_as_published(tmp_path, year):
    write_coco(tmp_path, year, "train", range(1, 200))
    write_coco(tmp_path, year, "val", range(200, 205))
    splits = read_all(open_dataset("coco", tmp_path, tmp_path))
    train, valid, test = (dict(splits[name]) for name in SPLITS)
    assert set(test) == set(range(200, 205))
    assert set(train) | set(valid) == set(range(1, 200))
    assert not set(train) & set(valid)
    assert 2 < len(valid) < 20
    assert test[200] == [f"Number 200{i}." for i in range(5)]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"id": 3, "file_name": "../../out.jpg"}, "leads out of"),
        ({"id": 3, "file_name": "/etc/passwd"}, "leads out of"),
        ({"id": 3, "file_name": "x\ud800.jpg"}, "half of a character"),
        ({"id": 3, "file_name": "a" * 300}, "longer than 255 bytes"),
        ({"id": 3, "file_name": ""}, "is no name of a file"),
        ({"id": 3, "file_name": 7}, "is no name of a file"),
        ({"id": [1], "file_name": "3.jpg"}, "has no number as its id"),
        ('=HYPERLINK("http://evil")', "lacks string indices"),
        ({}, "lacks 'id'"),
    ],
)
def test_a_bad_entry_of_coco_costs_itself(tmp_path, entry, problem):
    write_coco(tmp_path, 2017, "val", range(200, 203))
    path = write_coco(tmp_path, 2017, "train", range(10, 30))
    content = json.loads(path.read_text())
    content["images"].insert(2, entry)
    content["annotations"][4]["caption"] = "Half an emoji \ud83d"
    path.write_text(json.dumps(content))
    dataset = open_dataset("coco", tmp_path, tmp_path, allowed=0.1)
    captions = sum((c for n, c in read(dataset, "train")), [])
    captions += sum((c for n, c in read(dataset, "valid")), [])
    assert len(captions) == 20 * 5 - 1
    (_, place, first), (_, _, second) = skipped(dataset)
    assert (place, problem in first) == ("3", True)
    assert not first.startswith("=")
    assert "half of a character" in second


def test_the_years_of_coco_are_not_mixed(tmp_path):
    write_coco(tmp_path, 2014, "train", range(1, 5))
    write_coco(tmp_path, 2017, "val", range(1, 3))
    dataset = open_dataset("coco", tmp_path, tmp_path)
    assert len(read(dataset, "test")) == 2
    with pytest.raises(UserError, match=r"captions_train2017\.json"):
        read(dataset, "train")


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


@pytest.mark.parametrize("name", ("dataset_coco.json", "dataset.json"))
@pytest.mark.parametrize("year", coco.YEARS)
def test_a_file_of_karpathy_and_li_defines_the_splits_of_coco(
    tmp_path, name, year
):
    write_coco(tmp_path, year, "val", range(4))
    write_karpathy(tmp_path, name)
    splits = read_all(open_dataset("coco", tmp_path, tmp_path))
    assert [n for n, _ in splits["train"]] == [0, 1]
    assert splits["valid"] == [(2, [f"Number 2{i}." for i in range(5)])]
    assert [n for n, _ in splits["test"]] == [3]


@pytest.mark.parametrize(
    ("images", "place"),
    [
        ("Flicker8k_Dataset", "Flicker8k_Dataset/dataset_flickr8k.json"),
        ("Images", "dataset_flickr8k.json"),
        ("", "dataset.json"),
    ],
)
def test_a_file_of_karpathy_and_li_is_read_for_flickr8k(
    tmp_path, images, place
):
    for n in range(4):
        write(tmp_path / images / f"{n}.jpg", picture(n))
    entries = [
        {
            "filename": f"{n}.jpg",
            "split": split,
            "sentences": [{"raw": f"Number {n}{i} ."} for i in range(2)],
        }
        for n, split in enumerate(["train", "train", "val", "test"])
    ]
    write(tmp_path / place, json.dumps({"images": entries}))
    splits = read_all(open_dataset("flickr8k", tmp_path, tmp_path))
    assert splits == {
        "train": [(n, [f"Number {n}{i} ." for i in range(2)]) for n in (0, 1)],
        "valid": [(2, ["Number 20 .", "Number 21 ."])],
        "test": [(3, ["Number 30 .", "Number 31 ."])],
    }


@pytest.mark.parametrize("entry", [{}, {"image_id": 9, "caption": "A."}, 1])
def test_a_broken_annotation_is_listed(tmp_path, entry):
    path = write_coco(tmp_path, 2017, "val", [1])
    content = json.loads(path.read_text())
    content["annotations"].append(entry)
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=rf"{re.escape(str(path))}, 6: "):
        read(open_dataset("coco", tmp_path, tmp_path), "test")


@pytest.mark.parametrize("text", ['{"images": [', "[]", '{"images": []}'])
def test_other_json_files_are_refused(tmp_path, text):
    path = write_coco(tmp_path, 2017, "val", [1])
    path.write_text(text)
    with pytest.raises(UserError, match=r"captions_val2017\.json is broken"):
        read(open_dataset("coco", tmp_path, tmp_path), "test")


def test_each_data_set_has_a_license():
    assert all(dataset.license.endswith(".") for dataset in DATASETS.values())


@pytest.mark.extended
@pytest.mark.real_data
def test_a_part_of_flickr8k_is_read(tmp_path, public_data):
    dataset = open_dataset("flickr8k", public_data("flickr8k"), tmp_path)
    splits = [list(dataset.examples(split)) for split in SPLITS]
    assert [len(examples) for examples in splits] == [753, 113, 125]
    assert all(y["captions"].shape == [5] for _, y in splits[2])
    assert len(skipped(dataset)) == 8000 - 991
