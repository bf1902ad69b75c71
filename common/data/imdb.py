"""The Large Movie Review Dataset of IMDB."""

import functools
import pathlib
from typing import NamedTuple

from common.data import archives
from common.data import dataset
from common.data import downloads
from common.errors import UserError

ARCHIVE = (  # As published: address, SHA-256, bytes.
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    84_125_825,
)
REVIEW = r"(?:.*/)?(train|test)/(neg|pos)/(\d+)_\d+\.txt"


# The label of each folder.
LABELS = {"neg": 0, "pos": 1}


class Review(NamedTuple):
    """A review.

    Attributes:
      number: Of its file; reviews of a film have neighboring numbers.
      label: 1 for positive, 0 for negative.
      text: UTF-8; line breaks are `<br />`.
    """

    number: int
    label: int
    text: bytes


class IMDB(dataset.Dataset):
    """50,000 labeled reviews, in the published splits.

    Validation takes the last tenth of the training reviews by number: within a
    class, reviews of the same film have neighboring numbers, so that hardly
    any film is in both splits.

    Reference: Maas et al., Learning Word Vectors for Sentiment Analysis, 2011.
    """

    name = "imdb"
    help = "The 50,000 movie reviews of Maas et al. 2011."
    languages = ("en",)
    license = (
        "Large Movie Review Dataset, Maas et al. 2011 "
        "(https://ai.stanford.edu/~amaas/data/sentiment/); no license stated, "
        "for research."
    )
    files = "aclImdb_v1.tar.gz, or the unpacked aclImdb/."

    @functools.cached_property
    def reviews(self) -> dict[str, list[Review]]:
        """The reviews of each split, by number.

        Raises:
          UserError: They are not in --data_dir, or cannot be read.
        """
        path = self._path()
        members = archives.read_members(path, REVIEW)
        records = ((f"{path}/{m[0][0]}", 1, m) for m in members)
        splits: dict[str, list[Review]] = {"train": [], "test": []}
        for (split, label, number), review in self.bad_records.readable(
            records, _decode
        ):
            splits[split].append(Review(int(number), LABELS[label], review))
        train, test = sorted(splits["train"]), sorted(splits["test"])
        first_held_out = len(train) - len(train) // 10
        return {
            "train": train[:first_held_out],
            "valid": train[first_held_out:],
            "test": test,
        }

    def _path(self):
        if not self.config.data_dir:
            return downloads.fetch(*ARCHIVE)
        folder = pathlib.Path(self.config.data_dir)
        if folder.is_file() or (folder / "train").is_dir():
            return folder
        if (folder / "aclImdb" / "train").is_dir():
            return folder / "aclImdb"
        for archive in sorted(folder.glob("aclImdb_v1*.tar.gz")):
            return archive
        raise UserError(
            f"No IMDB reviews in {folder}: --data_dir takes the folder that "
            "holds aclImdb_v1.tar.gz, or the unpacked aclImdb."
        )


def _decode(member):
    match, review = member
    review.decode()  # Raises a ValueError if this is not UTF-8.
    return match.groups(), review
