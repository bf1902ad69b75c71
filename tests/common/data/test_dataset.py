"""Data sets are found by name, and describe themselves."""

import pytest

from common.data import dataset
from common.data import splits
from common.errors import UserError


class Small(dataset.Dataset):
    """A data set by name."""

    name = "small"
    help = "Three examples."
    license = "none"
    files = "small.zip."

    def examples(self, split):
        return split


class OwnFile(Small):
    """A data set by the ending of its file."""

    name = "MINE.tsv"
    help = "A file of your own."
    files = ""

    @classmethod
    def matches(cls, value):
        return value.endswith(".tsv")


DATASETS = {"small": Small, "MINE.tsv": OwnFile}


@pytest.mark.parametrize(
    ("value", "expected"), [("small", Small), ("folder/a.tsv", OwnFile)]
)
def test_finds_a_data_set(value, expected):
    assert dataset.find(DATASETS, value) is expected


@pytest.mark.parametrize("value", ["smal", "small.txt", ""])
def test_an_unknown_data_set_is_an_error_that_lists_all(value):
    with pytest.raises(UserError, match=f"'{value}': use small, MINE.tsv"):
        dataset.find(DATASETS, value)


def test_help_lists_data_sets_and_their_files():
    text = dataset.help_text(DATASETS)
    assert "small\n      Three examples.\n      --data_dir: small.zip." in text
    assert text.count("--data_dir") == 1


def test_the_text_decides_on_the_split():
    texts = [f"text {i}" for i in range(1000)]
    shares = {
        split: sum(splits.by_hash(text) == split for text in texts) / 1000
        for split in ("train", "valid", "test")
    }
    assert shares == pytest.approx(
        {"train": 0.8, "valid": 0.1, "test": 0.1}, abs=0.03
    )
    assert {splits.by_hash("a text") for _ in range(3)} == {
        splits.by_hash("a text")
    }
    assert splits.by_hash("a text") == "train"
