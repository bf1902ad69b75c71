"""Data sets are found by name, and describe themselves."""

import pytest

from common.data import dataset
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
