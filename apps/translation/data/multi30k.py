"""Multi30k, task 1: captions of Flickr30k and their translations."""

import pathlib

from apps.translation.data import parallel_text
from apps.translation.data import sentence_pairs
from common.data import downloads
from common.errors import UserError

URL = "https://github.com/multi30k/dataset/raw/master/data/task1/raw/"
SPLITS = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
FILES = {  # As published: SHA-256, bytes.
    "train.en.gz": (
        "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
        568_929,
    ),
    "train.de.gz": (
        "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
        637_044,
    ),
    "train.fr.gz": (
        "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
        604_242,
    ),
    "val.en.gz": (
        "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
        21_650,
    ),
    "val.de.gz": (
        "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
        24_681,
    ),
    "val.fr.gz": (
        "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
        23_001,
    ),
    "test_2016_flickr.en.gz": (
        "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
        21_077,
    ),
    "test_2016_flickr.de.gz": (
        "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
        22_890,
    ),
    "test_2016_flickr.fr.gz": (
        "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
        22_310,
    ),
}


class Multi30k(sentence_pairs.SentencePairs):
    """29,000 captions in three languages, in the published splits.

    The test split is the one of 2016.

    Reference: Elliott et al., Multi30K: Multilingual English-German Image
    Descriptions, 2016; French: Elliott et al., Findings of the Second Shared
    Task on Multimodal Machine Translation, 2017.
    """

    name = "multi30k"
    help = (
        "29,000 captions of photos in English, German and French (Multi30k, "
        "task 1); --pair is en-de, en-fr, de-en or fr-en."
    )
    license = (
        "Multi30k, task 1, Elliott et al. 2016 and 2017 "
        "(https://github.com/multi30k/dataset), captions of Flickr30k; no "
        "license stated, for research."
    )
    files = (
        "train.*.gz, val.*.gz and test_2016_flickr.*.gz, or a folder with "
        "data/task1/raw."
    )
    pairs = ("en-de", "en-fr", "de-en", "fr-en")

    def sentences(self, split):
        languages = self.config.pair.split("-")
        names = [f"{SPLITS[split]}.{language}.gz" for language in languages]
        paths = [self._path(name) for name in names]
        return list(parallel_text.read_files(*paths, self.bad_records))

    def _path(self, name):
        if not self.config.data_dir:
            return downloads.fetch(f"{URL}{name}", *FILES[name])
        folder = pathlib.Path(self.config.data_dir)
        for inside in (".", "raw", "data/task1/raw"):
            if (folder / inside / name).exists():
                return folder / inside / name
        raise UserError(
            f"No {name} in {folder}: --data_dir takes the folder of the nine "
            "files of Multi30k, or the one that holds data/task1/raw."
        )
