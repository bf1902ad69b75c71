"""Splits of Karpathy and Li, and other JSON files of captions.

A file holds {"images": [{"filename": "0.jpg", "split": "train", "sentences":
[{"raw": "A dog runs."}, ...]}, ...]}.

Reference: Karpathy & Li, Deep Visual-Semantic Alignments for Generating Image
Descriptions, 2015.
"""

import json

from common.data import archives
from common.data import text_files
from common.errors import UserError

SPLITS = {"train": "train", "restval": "train", "val": "valid", "test": "test"}


def find(folders, name):
    """Returns the path of the file of a data set; None if there is none.

    Args:
      folders: Where it may be.
      name: Of the data set. Its own file comes before a "dataset.json".
    """
    names = f"dataset_{name}.json", "dataset.json"
    paths = [folder / name for name in names for folder in folders]
    return next((path for path in paths if path.exists()), None)


def read(path, image_path, bad_records):
    """Returns pairs of a picture and its captions, by split.

    Args:
      path: Of the file.
      image_path: Returns the path of a picture for its entry.
      bad_records: Skips and lists broken entries.

    Raises:
      UserError: The file cannot be read.
    """
    (images,) = read_lists(path, "images")

    def image(entry):
        captions = [caption(item["raw"]) for item in entry["sentences"]]
        return SPLITS[entry["split"]], image_path(entry), captions

    seen, splits = set(), {split: [] for split in SPLITS.values()}
    for split, file, captions in decoded(path, images, image, bad_records):
        if file not in seen:
            splits[split].append((file, captions))
        seen.add(file)
    return splits


def read_lists(path, *names):
    """Returns lists that a JSON file holds by name.

    Raises:
      UserError: The file cannot be read.
    """
    try:
        content = json.loads(archives.read_file(path))
        return [list(content[name]) for name in names]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is broken, or is not a file of captions: download it "
            "again."
        ) from error


def decoded(path, entries, decode, bad_records):
    """Yields the decoded entries of a list in a JSON file."""

    def decode_entry(entry):
        try:
            return decode(entry)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{str(entry)[:60]} lacks {error}") from error

    records = (
        (str(path), number, entry) for number, entry in enumerate(entries, 1)
    )
    return bad_records.readable(records, decode_entry)


def caption(text):
    """Returns a caption; raises an error that makes the entry a bad record."""
    return text_files.require_utf8(str.strip(text))
