"""The Large Movie Review Dataset of IMDB."""

import functools
import pathlib

from apps.sentiment.data import examples
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

    def examples(self, split):
        rows = self._reviews[split]
        return examples.labeled(
            [text for *_, text in rows], [label for _, label, _ in rows]
        )

    @functools.cached_property
    def _reviews(self):
        """Rows (number, label, text) by split."""
        path = self._path()
        members = archives.read_members(path, REVIEW)
        records = ((f"{path}/{m[0][0]}", 1, m) for m in members)
        splits = {"train": [], "test": []}
        for (split, label, number), review in self.bad_records.readable(
            records, _decode
        ):
            row = int(number), examples.LABELS[label], review
            splits[split].append(row)
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
