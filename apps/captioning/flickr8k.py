"""The files of Flickr8k, as published: Hodosh et al. 2013."""

import functools
import pathlib
import re

from common.data import archives
from common.data.records import BadRecords
from common.errors import UserError

CAPTIONS = "Flickr8k.token.txt"
LISTS = {
    "train": "Flickr_8k.trainImages.txt",
    "valid": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}


def listed(
    data_dir: str, split: str, bad_records: BadRecords
) -> list[tuple[pathlib.Path, list[str]]]:
    """Returns the images of a split, there or not, and their captions.

    Args:
      data_dir: the folder of Flicker8k_Dataset/ and Flickr8k_text/, or of
        what lies in the latter.
      split: a key of `LISTS`.
      bad_records: takes account of the captions that cannot be read.

    Raises:
      UserError: they are not there.
    """
    if not data_dir:
        raise UserError(
            "Flickr8k is given only to those who ask: do so at "
            "https://forms.illinois.edu/sec/1713398, and name its folder by "
            "--data_dir."
        )
    folder = pathlib.Path(data_dir)
    captions = _captions(_text(folder, CAPTIONS), bad_records)
    content = archives.read_file(_text(folder, LISTS[split]))
    names = content.decode(errors="replace").split()
    # The first is misspelt as published.
    images = _inside(folder, "Flicker8k_Dataset", "Flickr8k_Dataset")
    return [(images / name, captions.get(name, [])) for name in names]


@functools.lru_cache(maxsize=1)
def _captions(path, bad_records):
    """Returns the captions by the names of the images."""
    lines = archives.read_file(path).split(b"\n")
    records = (
        (str(path), number, line)
        for number, line in enumerate(lines, 1)
        if line.strip()
    )
    found = {}
    for name, caption in bad_records.readable(records, _decoded):
        found.setdefault(name, []).append(caption)
    return found


def _decoded(line):
    """Returns the name of an image, and a caption."""
    match = re.fullmatch(r"(.+)#\d+\t(.*)", line.decode().strip("\r"))
    if not match:
        raise ValueError(f"{line[:60]!r} is not: image, #, number, <tab>, text")
    return match.groups()


def _text(folder, name):
    return _inside(folder, f"Flickr8k_text/{name}", name)


def _inside(folder, *names):
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise UserError(
        f"No {names[0]} in {folder}: --data_dir takes the folder that holds "
        "Flicker8k_Dataset and Flickr8k_text."
    )
