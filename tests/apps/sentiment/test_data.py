"""The sample, IMDB as published, and tables of your own."""

import tarfile

import numpy as np
import pytest

from apps.sentiment.config import SentimentConfig
from apps.sentiment.data import DATASETS
from apps.sentiment.data import sample
from common.data import batching
from common.data import dataset
from common.data import downloads
from common.data.records import BadRecords
from common.errors import UserError

SPLITS = ("train", "valid", "test")


def open_dataset(name, data_dir="", path="none.csv", allowed=0.0):
    """Returns a data set; `path` lists its bad records."""
    config = SentimentConfig(dataset=str(name), data_dir=str(data_dir))
    bad_records = BadRecords(path, allowed)
    return dataset.find(DATASETS, str(name))(config, bad_records)


def pairs(name, split, *args, **options):
    """Returns texts and labels of a split."""
    examples = open_dataset(name, *args, **options).examples(split)
    return [
        (x["text"].decode(), float(y["label"]))
        for x, y in examples.as_numpy_iterator()
    ]


def count_rows(name, **options):
    """Returns the number of readable rows of all splits."""
    opened = open_dataset(name, **options)
    return sum(batching.size(opened.examples(split)) for split in SPLITS)


def test_few_test_reviews_are_training_reviews():
    train, test = (
        sample.reviews(sample.REVIEWS[split], split)[0]
        for split in ("train", "test")
    )
    known = set(train)
    assert len(test) == 10_000
    assert sum(text in known for text in test) == 17


def test_the_sample_is_the_same_every_time_and_balanced():
    texts, labels = sample.reviews(2000, "train")
    assert (texts, labels) == sample.reviews(2000, "train")
    assert 0.45 < np.mean(labels) < 0.55
    # Only reviews of one sentence may be in two splits.
    one_sentence = {text for text in texts if text.count(".") == 1}
    assert not set(texts) & set(sample.reviews(500, "test")[0]) - one_sentence


@pytest.fixture
def imdb(tmp_path):
    """Returns a folder with an aclImdb of 60 training and 4 test reviews."""
    for split, count in (("train", 30), ("test", 2)):
        for label in ("neg", "pos"):
            folder = tmp_path / "aclImdb" / split / label
            folder.mkdir(parents=True)
            for i in range(count):
                path = folder / f"{i}_{8 if label == 'pos' else 2}.txt"
                path.write_text(f"{split} {label} {i}<br />é")
    (tmp_path / "aclImdb" / "train" / "unsup").mkdir()
    (tmp_path / "aclImdb" / "train" / "unsup" / "0_0.txt").write_text("no")
    (tmp_path / "aclImdb" / "README").write_text("not a review")
    return tmp_path


def test_imdb_is_the_same_packed_and_unpacked(imdb, tmp_path):
    packed = tmp_path / "packed"
    packed.mkdir()
    with tarfile.open(packed / "aclImdb_v1.tar.gz", "w:gz") as tar:
        tar.add(imdb / "aclImdb", "aclImdb")
    for split, count in (("train", 54), ("valid", 6), ("test", 4)):
        first, second, third = (
            pairs("imdb", split, folder)
            for folder in (imdb, imdb / "aclImdb", packed)
        )
        assert first == second == third
        assert len(first) == count
        assert {text.split()[1]: label for text, label in first} == {
            "neg": 0.0,
            "pos": 1.0,
        }


def test_validation_takes_the_last_reviews_of_imdb(imdb):
    valid = pairs("imdb", "valid", imdb)
    assert sorted({int(text.split()[2][:2]) for text, _ in valid}) == [
        *(27, 28, 29),
    ]


def test_imdb_is_downloaded_without_a_folder(imdb, monkeypatch):
    def fetch(url, sha256, size):
        assert url.startswith("https://") and len(sha256) == 64
        return imdb / "aclImdb"

    monkeypatch.setattr(downloads, "fetch", fetch)
    assert pairs("imdb", "test") == pairs("imdb", "test", imdb)


def test_the_error_names_a_folder_without_reviews(tmp_path):
    with pytest.raises(UserError, match=f"No IMDB reviews in {tmp_path}"):
        open_dataset("imdb", tmp_path).examples("train")


def test_the_error_names_an_unknown_data_set():
    with pytest.raises(UserError, match="'imbd'"):
        open_dataset("imbd")


def test_a_review_of_imdb_that_is_not_utf8_is_skipped(imdb, tmp_path):
    broken = imdb / "aclImdb" / "train" / "pos" / "3_8.txt"
    broken.write_bytes(b"\xff")
    bad = tmp_path / "bad.csv"
    rows = count_rows("imdb", data_dir=imdb, path=bad, allowed=0.02)
    assert rows == 59 + 4
    with pytest.raises(UserError, match="train/pos/3_8.txt, 1: "):
        open_dataset("imdb", imdb, bad).examples("train")


@pytest.mark.parametrize(
    "header", ["", "label\ttext\n", "id\tTEXT\tLabel\n", "\ufefflabel\ttext\n"]
)
def test_a_table_of_your_own_is_read(tmp_path, header):
    path = tmp_path / "mine.tsv"
    labels = ["0", "neg", "negative", "1", "POS", "positive"] * 20
    row = "{i}\tText {i}\t{label}" if "id" in header else "{label}\tText {i}"
    rows = [row.format(i=i, label=label) for i, label in enumerate(labels)]
    path.write_text(header + "\r\n".join(rows) + "\n")
    splits = {split: pairs(path, split) for split in SPLITS}
    expected = [(f"Text {i}", float(i % 6 > 2)) for i in range(len(labels))]
    assert sorted(sum(splits.values(), [])) == sorted(expected)
    assert len(splits["train"]) > 60
    assert min(map(len, splits.values())) > 0


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"maybe\ttext", "'maybe"),
        (b"1 text without tab", "is not label<tab>text"),
        (b"1\ttext\tmore", "is not label<tab>text"),
        (b"1\t\xff", "byte 0xff in .* is not UTF-8"),
    ],
)
def test_a_broken_row_is_named_and_skipped(tmp_path, line, problem):
    path, bad = tmp_path / "mine.tsv", tmp_path / "bad.csv"
    rows = [b"%d\tText %d" % (i % 2, i) for i in range(99)]
    path.write_bytes(b"\n".join([rows[0], line, *rows[1:]]))
    with pytest.raises(UserError, match=f"1 of 100 .*mine.tsv, 2: .*{problem}"):
        open_dataset(path, path=bad).examples("train")
    assert bad.read_text().splitlines()[1].startswith(f"{path},2,")
    assert count_rows(path, path=bad, allowed=0.01) == 99


def test_a_bad_byte_affects_only_its_row(tmp_path):
    path = tmp_path / "mine.tsv"
    row = b"1\tText of number %03d"
    content = b"\n".join(row % i for i in range(100))
    length = len(row % 0) + 1
    for position in range(50 * length, 51 * length - 1):
        damaged = content[:position] + b"\xff" + content[position + 1 :]
        path.write_bytes(damaged)
        assert count_rows(path, allowed=0.01) == 99


def test_the_error_names_a_missing_table(tmp_path):
    with pytest.raises(UserError, match="none.tsv cannot be read"):
        open_dataset(tmp_path / "none.tsv").examples("train")


@pytest.mark.real_data
@pytest.mark.slow
def test_the_published_imdb_archive_has_its_splits(public_data):
    reviews = open_dataset("imdb", public_data("aclImdb"))
    for split, count in (("train", 22500), ("valid", 2500), ("test", 25000)):
        labels = batching.targets(reviews.examples(split))["label"]
        assert len(labels) == count
        assert labels.mean() == 0.5
