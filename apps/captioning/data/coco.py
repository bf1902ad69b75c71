"""COCO captions, with the published splits or those of Karpathy and Li."""

import functools
import hashlib
import pathlib

from apps.captioning.data import karpathy
from apps.captioning.data import published
from common.data import file_names
from common.errors import UserError

YEARS = (2017, 2014)  # The same images, divided in another way.
VALID = 24  # One of 24 training images is for validation: about 5,000.


class COCO(published.PublishedDataset):
    """Photographs with at least five captions each.

    If a file of Karpathy and Li 2015 is there, the splits are those of that
    file. Otherwise the published validation images are the test split, since
    the captions of the published test images are not public.

    Reference: Chen et al., Microsoft COCO Captions: Data Collection and
    Evaluation Server, 2015; Karpathy & Li, Deep Visual-Semantic Alignments for
    Generating Image Descriptions, 2015.
    """

    name = "coco"
    help = (
        "COCO captions, Chen et al. 2015; with a file dataset_coco.json, the "
        "splits of Karpathy and Li 2015."
    )
    languages = ("en",)
    license = (
        "COCO captions, Chen et al. 2015 (https://cocodataset.org); the "
        "captions CC BY 4.0, the photographs under the terms of Flickr."
    )
    files = "annotations/, train2017/ and val2017/, or those of 2014."

    def listed(self, split):
        if not self.config.data_dir:
            raise UserError(
                "COCO is too large to be downloaded here: get images and "
                "annotations from https://cocodataset.org/#download, and pass "
                "the folder that holds them as --data_dir."
            )
        if self._karpathy:
            return self._karpathy[split]
        if split == "test":
            return self._test
        return [
            (path, captions)
            for path, captions in self._train
            if _is_valid(path.name) == (split == "valid")
        ]

    @functools.cached_property
    def _folder(self):
        return pathlib.Path(self.config.data_dir)

    @functools.cached_property
    def _train(self):
        return self._published("train")

    @functools.cached_property
    def _test(self):
        return self._published("val")

    def _published(self, part):
        """Returns the images of "train" or "val", and their captions."""
        folder = self._folder
        year = _year(folder)
        path = folder / "annotations" / f"captions_{part}{year}.json"
        images, annotations = karpathy.read_lists(path, "images", "annotations")

        def image(entry):
            if not isinstance(entry["id"], int | str):
                raise ValueError(f"{str(entry)[:60]} has no number as its id")
            pictures = folder / f"{part}{year}"
            return entry["id"], file_names.path_within(
                pictures, entry["file_name"]
            )

        def annotation(entry):
            return paths[entry["image_id"]], karpathy.caption(entry["caption"])

        paths = dict(karpathy.decoded(path, images, image, self.bad_records))
        captions_of = {path: [] for path in paths.values()}
        for file, caption in karpathy.decoded(
            path, annotations, annotation, self.bad_records
        ):
            captions_of[file].append(caption)
        return list(captions_of.items())

    @functools.cached_property
    def _karpathy(self):
        """The images and their captions by split; None without a file."""
        path = karpathy.find([self._folder], self.name)
        if path is None:
            return None
        return karpathy.read(
            path,
            functools.partial(_image_path, self._folder),
            self.bad_records,
        )


def _is_valid(name):
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4]) % VALID == 0


def _year(folder):
    for year in YEARS:
        if list(folder.glob(f"annotations/captions_*{year}.json")):
            return year
    raise UserError(
        f"No annotations/captions_train{YEARS[0]}.json in {folder}: --data_dir "
        f"takes the folder that holds annotations, train{YEARS[0]} and "
        f"val{YEARS[0]}, or those of {YEARS[1]}."
    )


def _image_path(folder, entry):
    """Returns the path of an image of 2014, in the folders of either year."""
    name = entry["filename"]
    candidates = [
        file_names.path_within(folder / entry["filepath"], name),
        *(
            folder / f"{part}{YEARS[0]}" / name.rpartition("_")[2]
            for part in ("train", "val")
        ),
    ]
    return next((path for path in candidates if path.exists()), candidates[0])
