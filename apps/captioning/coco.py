"""The files of COCO captions, as published: Chen et al. 2015."""

import functools
import hashlib
import json
import pathlib

from common.data import archives
from common.data.records import BadRecords
from common.errors import UserError

Listed = list[tuple[pathlib.Path, list[str]]]

YEARS = (2017, 2014)  # Those of 2017 hold the same images, divided anew.
VALID = 24  # One training image in so many is for validation: about 5,000.
KARPATHY = ("dataset_coco.json", "dataset.json")
SPLITS = {"train": "train", "restval": "train", "val": "valid", "test": "test"}


def listed(data_dir: str, split: str, bad_records: BadRecords) -> Listed:
    """Returns the images of a split, there or not, and their captions.

    The splits are those of Karpathy and Li 2015 if their file is there. Else
    the published validation images, whose test images have no captions, are
    for the test.

    Args:
      data_dir: the folder of annotations/, train2017/ and val2017/, or of
        those of 2014.
      split: "train", "valid" or "test".
      bad_records: takes account of the captions that cannot be read.

    Raises:
      UserError: they are not there.
    """
    if not data_dir:
        raise UserError(
            "COCO is too large to be fetched here: take images and annotations "
            "from https://cocodataset.org/#download, and name the folder that "
            "holds them by --data_dir."
        )
    folder = pathlib.Path(data_dir)
    for name in KARPATHY:
        if (folder / name).exists():
            return _karpathy(folder / name, bad_records)[split]
    part = "val" if split == "test" else "train"
    found = _published(folder, part, bad_records)
    if split == "test":
        return found
    return [
        (path, captions)
        for path, captions in found
        if _is_valid(path.name) == (split == "valid")
    ]


def _is_valid(name):
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4]) % VALID == 0


@functools.lru_cache(maxsize=2)
def _published(folder, part, bad_records):
    """Returns the images of "train" or "val", and their captions."""
    year = _year(folder)
    path = folder / "annotations" / f"captions_{part}{year}.json"
    images, annotations = _parts(path, "images", "annotations")

    def image(entry):
        return entry["id"], folder / f"{part}{year}" / entry["file_name"]

    def annotation(entry):
        return paths[entry["image_id"]], str.strip(entry["caption"])

    paths = dict(_readable(path, images, image, bad_records))
    found = {path: [] for path in paths.values()}
    for place, caption in _readable(path, annotations, annotation, bad_records):
        found[place].append(caption)
    return list(found.items())


def _year(folder):
    for year in YEARS:
        if list(folder.glob(f"annotations/captions_*{year}.json")):
            return year
    raise UserError(
        f"No annotations/captions_train{YEARS[0]}.json in {folder}: --data_dir "
        f"takes the folder that holds annotations, train{YEARS[0]} and "
        f"val{YEARS[0]}, or those of {YEARS[1]}."
    )


@functools.lru_cache(maxsize=1)
def _karpathy(path, bad_records):
    """Returns the images and their captions by split."""
    (images,) = _parts(path, "images")
    seen, splits = set(), {split: [] for split in SPLITS.values()}

    def image(entry):
        captions = [str.strip(said["raw"]) for said in entry["sentences"]]
        return SPLITS[entry["split"]], _place(path.parent, entry), captions

    for split, place, captions in _readable(path, images, image, bad_records):
        if place not in seen:
            splits[split].append((place, captions))
        seen.add(place)
    return splits


def _place(folder, entry):
    """Returns where an image of 2014 lies, in the folders of either year."""
    name = entry["filename"]
    places = [
        folder / entry["filepath"] / name,
        *(
            folder / f"{part}{YEARS[0]}" / name.rpartition("_")[2]
            for part in ("train", "val")
        ),
    ]
    return next((place for place in places if place.exists()), places[0])


def _parts(path, *names):
    """Returns lists that a JSON file holds by name."""
    try:
        content = json.loads(archives.read_file(path))
        return [list(content[name]) for name in names]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is broken, or holds no captions of COCO: fetch it again."
        ) from error


def _readable(path, entries, decode, bad_records):
    def decode_entry(entry):
        try:
            return decode(entry)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{str(entry)[:60]} lacks {error}") from error

    records = (
        (str(path), number, entry) for number, entry in enumerate(entries, 1)
    )
    return bad_records.readable(records, decode_entry)
