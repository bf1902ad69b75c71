"""Flickr8k: photographs with five captions each."""

import functools
import pathlib
import re

from apps.captioning.data import karpathy
from apps.captioning.data import published
from common.data import archives
from common.data import file_names
from common.errors import UserError

CAPTIONS = "Flickr8k.token.txt"
LISTS = {
    "train": "Flickr_8k.trainImages.txt",
    "valid": "Flickr_8k.devImages.txt",
    "test": "Flickr_8k.testImages.txt",
}
# The first name is misspelled as published.
IMAGES = ("Flicker8k_Dataset", "Flickr8k_Dataset", "Images")


class Flickr8k(published.PublishedDataset):
    """8,091 photographs in the published splits.

    If a file of Karpathy and Li is there, it is read instead of the published
    captions and lists.

    Reference: Hodosh, Young & Hockenmaier, Framing Image Description as a
    Ranking Task, 2013.
    """

    name = "flickr8k"
    help = (
        "The 8,091 photographs of Hodosh et al. 2013; missing ones are "
        "skipped and counted."
    )
    languages = ("en",)
    license = (
        "Flickr8k, Hodosh et al. 2013 "
        "(https://hockenmaier.cs.illinois.edu/8k-pictures.html); for research "
        "and education only, the photographs under the terms of their owners."
    )
    files = (
        "Flickr8k_text/, or the dataset_flickr8k.json of Karpathy and Li 2015; "
        "and Flicker8k_Dataset/."
    )

    def listed(self, split):
        if not self.config.data_dir:
            raise UserError(
                "Flickr8k cannot be downloaded here: request it at "
                "https://forms.illinois.edu/sec/1713398, and pass its folder "
                "as --data_dir."
            )
        if self._karpathy:
            return self._karpathy[split]
        folder = pathlib.Path(self.config.data_dir)
        captions_of = self._captions
        content = archives.read_file(_text_file(folder, LISTS[split]))
        names = content.decode(errors="replace").split()
        images = _first_existing(folder, *IMAGES)
        return [(images / name, captions_of.get(name, [])) for name in names]

    @functools.cached_property
    def _karpathy(self):
        """The images and their captions by split; None without a file."""
        folder = pathlib.Path(self.config.data_dir)
        folders = [folder / name for name in ("", "Flickr8k_text", *IMAGES)]
        path = karpathy.find(folders, self.name)
        if path is None:
            return None
        images = _first_existing(folder, *IMAGES, "")

        def image_path(entry):
            return file_names.path_within(images, entry["filename"])

        return karpathy.read(path, image_path, self.bad_records)

    @functools.cached_property
    def _captions(self):
        """The captions of each image by its name."""
        path = _text_file(pathlib.Path(self.config.data_dir), CAPTIONS)
        records = (
            (str(path), number, line)
            for number, line in enumerate(
                archives.read_file(path).split(b"\n"), 1
            )
            if line.strip()
        )
        captions_of = {}
        for name, caption in self.bad_records.readable(records, _decode_line):
            captions_of.setdefault(name, []).append(caption)
        return captions_of


def _decode_line(line):
    """Returns the name of an image, and a caption."""
    match = re.fullmatch(r"(.+)#\d+\t(.*)", line.decode().strip("\r"))
    if not match:
        raise ValueError(f"{line[:60]!r} is not image#number<tab>caption")
    return match.groups()


def _text_file(folder, name):
    return _first_existing(folder, f"Flickr8k_text/{name}", name)


def _first_existing(folder, *names):
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise UserError(
        f"No {names[0]} in {folder}: --data_dir takes the folder that holds "
        "Flicker8k_Dataset and Flickr8k_text."
    )
