"""Sentiment: its data sets, its answers to odd input, its explanations."""

import pathlib
import tarfile

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from apps.sentiment import __main__ as page
from apps.sentiment import baseline
from apps.sentiment import data
from apps.sentiment import explain
from apps.sentiment import model
from apps.sentiment import nb_svm
from apps.sentiment import sample
from common import options
from common.data import downloads
from common.data.records import BadRecords
from common.errors import UserError
from common.export import saved_model

ODD = [
    "",
    " \n\t",
    "qwxyz zyxwq",
    "😀😀 👍🏽 \u200d",
    "nul\x00bytes\x00here",
    b"\xff\xfe\xc3(\xe2\x82",
    "word! <br /> " * 80_000,
    "An ordinary, rather charming film.",
]


def classifier(**options):
    arguments = {
        "vocabulary": ["film", "charming", "dull", ".", "not", ","],
        "max_words": 12,
        "ngram_evidence": False,
        "embedding_size": 6,
        "cell": "lstm",
        "units": 5,
        "depth": 1,
        "bidirectional": True,
        "pooling": "last",
        "dropout": 0.0,
        "word_dropout": 0.0,
    }
    return model.Classifier(**arguments | options)


@pytest.mark.parametrize("cell", options.CELLS)
def test_every_cell_can_read_a_review(cell):
    judge = classifier(cell=cell)
    answer = judge.serve(tf.constant(["Fine."]))["positive"].numpy()
    assert 0 < answer[0] < 1


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_odd_input_is_answered_alone_as_in_a_batch(pooling, bidirectional):
    judge = classifier(pooling=pooling, bidirectional=bidirectional)
    together = judge.serve(tf.constant(ODD))["positive"].numpy()
    assert np.all((together > 0) & (together < 1))
    for text, probability in zip(ODD, together):
        alone = judge.serve(tf.constant([text]))["positive"].numpy()
        np.testing.assert_allclose(alone, [probability], atol=1e-6)


def test_no_text_is_no_answer():
    judge = classifier()
    empty = judge.serve(tf.zeros([0], tf.string))["positive"]
    assert empty.shape == (0,)


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_an_explanation_adds_up_to_the_log_odds(pooling):
    keras.utils.set_random_seed(0)
    judge = classifier(pooling=pooling)
    text = tf.constant("A charming film, not dull.")
    words, values = judge.explain(text)
    inputs = {k: v.to_tensor() for k, v in judge.inputs(text[None]).items()}
    vectors = judge.vectors(inputs)
    mask = inputs["tokens"] > 0
    gain = judge.verdict(vectors, mask) - judge.verdict(0 * vectors, mask)
    assert [word.decode() for word in words.numpy()] == [
        *("a", "charming", "film", ",", "not", "dull", "."),
    ]
    np.testing.assert_allclose(np.sum(values), gain[0], atol=1e-4)


def test_with_ngram_evidence_the_copies_answer_as_the_model(tmp_path):
    config = page.SentimentConfig(ngram_evidence=True, units=4, depth=2)
    train = load("sample", "train").take(200)
    judge = model.Classifier.create(config, train)
    judge.build(None)
    judge.optimizer.build(judge.trainable_variables)
    texts = tf.constant(["The plot was utterly dull.", "", "a " * 500])
    expected = judge.serve(texts)["positive"]
    judge.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.serve(texts)["positive"], expected)
    version = saved_model.publish(judge, tmp_path, {})
    serve = tf.saved_model.load(version).signatures["serving_default"]
    np.testing.assert_array_equal(serve(text=texts)["positive"], expected)
    words, values = judge.explain(texts[0])
    assert len(words) == len(values) == 6


def test_pieces_join_to_the_text_and_hold_the_words():
    text = "DON’T go, <br />İstanbul! …dull dull"
    words = ["don't", "go", ",", "!", "…", "dull", "dull"]
    pieces = explain.spans(text, words, [1, 2, 3, 4, 5, 6, 7])
    assert "".join(piece for piece, _ in pieces) == text
    marked = [(piece, value) for piece, value in pieces if value]
    assert marked[0] == ("DON’T", 1)
    assert marked[-2:] == [("dull", 6), ("dull", 7)]


def test_of_a_long_text_head_and_tail_are_marked():
    text = " ".join("abcbabcb")
    pieces = explain.spans(text, list("abcb"), [1, 2, 3, 4])
    marked = "".join(f"{p}{v}" if v else p for p, v in pieces)
    assert marked == "a1 b2 c b a b c3 b4"


def test_the_page_shows_text_as_text():
    page = explain.page([("0.1 negative", [("<b>", 0.5), ("&", 0.0)])])
    assert "&lt;b&gt;" in page
    assert "&amp;" in page


def test_the_sample_is_the_same_every_time_and_balanced():
    texts, labels = sample.reviews(2000, "train")
    assert (texts, labels) == sample.reviews(2000, "train")
    assert 0.45 < np.mean(labels) < 0.55
    assert not set(texts) & set(sample.reviews(500, "test")[0]) - {
        text for text in texts if text.count(".") == 1
    }


def load(dataset, split, data_dir="", path="none.csv", allowed=0.0):
    bad_records = BadRecords(pathlib.Path(path), allowed)
    return data.load(str(dataset), split, str(data_dir), bad_records)


def pairs(dataset):
    return [(x["text"].numpy().decode(), float(y)) for x, y in dataset]


@pytest.fixture
def imdb(tmp_path):
    """Returns a folder aclImdb with 30 + 30 + 4 reviews of our own."""
    for split, count in (("train", 30), ("test", 2)):
        for label in ("neg", "pos"):
            folder = tmp_path / "aclImdb" / split / label
            folder.mkdir(parents=True)
            for i in range(count):
                path = folder / f"{i}_{8 if label == 'pos' else 2}.txt"
                path.write_text(f"{split} {label} {i}<br />é")
    (tmp_path / "aclImdb" / "train" / "unsup").mkdir()
    (tmp_path / "aclImdb" / "train" / "unsup" / "0_0.txt").write_text("no")
    (tmp_path / "aclImdb" / "README").write_text("no review")
    return tmp_path


def test_imdb_reads_the_same_packed_and_unpacked(imdb, tmp_path):
    packed = tmp_path / "packed"
    packed.mkdir()
    with tarfile.open(packed / "aclImdb_v1.tar.gz", "w:gz") as tar:
        tar.add(imdb / "aclImdb", "aclImdb")
    for split, count in (("train", 54), ("valid", 6), ("test", 4)):
        found = [
            pairs(load("imdb", split, folder))
            for folder in (imdb, imdb / "aclImdb", packed)
        ]
        assert found[0] == found[1] == found[2]
        assert len(found[0]) == count
        assert {text.split()[1]: y for text, y in found[0]} == {
            "neg": 0.0,
            "pos": 1.0,
        }


def test_validation_takes_the_last_numbers(imdb):
    held = pairs(load("imdb", "valid", imdb))
    assert sorted({int(text.split()[2][:2]) for text, _ in held}) == [
        *(27, 28, 29),
    ]


def test_without_a_folder_the_published_archive_is_fetched(imdb, monkeypatch):
    def fetch(url, sha256, size):
        assert url.startswith("https://") and len(sha256) == 64
        return imdb / "aclImdb"

    monkeypatch.setattr(downloads, "fetch", fetch)
    assert pairs(load("imdb", "test")) == pairs(load("imdb", "test", imdb))


def test_a_folder_without_reviews_is_named(tmp_path):
    with pytest.raises(UserError, match=f"No IMDB reviews in {tmp_path}"):
        load("imdb", "train", tmp_path)


def test_no_data_set_of_that_name():
    with pytest.raises(UserError, match="'imbd'"):
        load("imbd", "train")


@pytest.mark.parametrize(
    "header", ["", "label\ttext\n", "id\tTEXT\tLabel\n", "\ufefflabel\ttext\n"]
)
def test_a_table_of_your_own(tmp_path, header):
    path = tmp_path / "mine.tsv"
    labels = ["0", "neg", "negative", "1", "POS", "positive"] * 20
    row = "{i}\tText {i}\t{label}" if "id" in header else "{label}\tText {i}"
    rows = [row.format(i=i, label=label) for i, label in enumerate(labels)]
    path.write_text(header + "\r\n".join(rows) + "\n")
    splits = {
        split: pairs(load(path, split)) for split in ("train", "valid", "test")
    }
    together = sorted(sum(splits.values(), []))
    expected = [(f"Text {i}", float(i % 6 > 2)) for i in range(len(labels))]
    assert together == sorted(expected)
    assert len(splits["train"]) > 60
    assert min(map(len, splits.values())) > 0


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"maybe\ttext", "'maybe"),
        (b"1 text without tab", "is not label<tab>text"),
        (b"1\ttext\tmore", "is not label<tab>text"),
        (b"1\t\xff", "'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_a_row_that_does_not_parse_is_named_and_costs_itself(
    tmp_path, line, problem
):
    path, bad = tmp_path / "mine.tsv", tmp_path / "bad.csv"
    rows = [b"%d\tText %d" % (i % 2, i) for i in range(99)]
    path.write_bytes(b"\n".join([rows[0], line, *rows[1:]]))
    with pytest.raises(UserError, match=f"1 of 100 .*mine.tsv, 2: .*{problem}"):
        load(path, "train", path=bad)
    assert bad.read_text().splitlines()[1].startswith(f"{path},2,")
    splits = ("train", "valid", "test")
    found = [pairs(load(path, s, path=bad, allowed=0.01)) for s in splits]
    assert sum(map(len, found)) == 99


def test_a_bad_byte_costs_its_record_at_most(tmp_path):
    path = tmp_path / "mine.tsv"
    row = b"1\tText of number %03d"
    content = b"\n".join(row % i for i in range(100))
    length = len(row % 0) + 1
    for place in range(50 * length, 51 * length - 1):
        harmed = content[:place] + b"\xff" + content[place + 1 :]
        path.write_bytes(harmed)
        splits = ("train", "valid", "test")
        found = [pairs(load(path, s, allowed=0.01)) for s in splits]
        assert sum(map(len, found)) == 99


def test_a_review_of_imdb_that_is_not_utf8_is_passed_over(imdb, tmp_path):
    broken = imdb / "aclImdb" / "train" / "pos" / "3_8.txt"
    broken.write_bytes(b"\xff")
    bad = tmp_path / "bad.csv"
    found = [
        pairs(load("imdb", split, imdb, bad, allowed=0.02))
        for split in ("train", "valid")
    ]
    assert sum(map(len, found)) == 59
    with pytest.raises(UserError, match="train/pos/3_8.txt, 1: "):
        load("imdb", "train", imdb, bad)


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match="none.tsv cannot be read"):
        load(tmp_path / "none.tsv", "train")


def test_word_vectors_of_a_file_start_the_training(tmp_path):
    judge = classifier(embedding_size=2)
    path = tmp_path / "glove.txt"
    path.write_text("dull 7 8\nfilm 1 2\n")
    judge.start_from(path)
    vectors = judge.embed(
        judge.tokenize(tf.constant(["film dull"])).to_tensor()
    )
    np.testing.assert_array_equal(vectors[0], [[1, 2], [7, 8]])


def test_nb_svm_is_the_same_every_time():
    counts = scipy.sparse.random_array(
        (50, 200), density=0.1, format="csr", rng=np.random.default_rng(0)
    )
    labels = np.arange(50) % 2
    first, second = (nb_svm.fit(counts, labels, 1.0) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])


def test_nb_svm_learns_what_bigrams_say():
    def examples(count, seed):
        rng = np.random.default_rng(seed)
        texts, labels = [], []
        for _ in range(count):
            good, negated = rng.integers(2, size=2)
            word = ["dull", "charming"][good]
            texts.append(f"It was {'not ' if negated else 'so '}{word}")
            labels.append(float(good != negated))
        return tf.data.Dataset.from_tensor_slices(({"text": texts}, labels))

    test = examples(50, 2)
    probabilities = baseline.probabilities(
        examples(80, 0), examples(20, 1), test
    )
    labels = np.array([y.numpy() for _, y in test])
    assert np.all((probabilities >= 0.5) == labels)


@pytest.mark.real_data
def test_the_published_imdb_archive_has_its_splits(public_data):
    folder = public_data("aclImdb")
    for split, count in (("train", 22500), ("valid", 2500), ("test", 25000)):
        dataset = load("imdb", split, folder)
        labels = np.array([y for _, y in dataset.as_numpy_iterator()])
        assert len(labels) == count
        assert labels.mean() == 0.5


@pytest.mark.slow
@pytest.mark.real_data
def test_the_baseline_reaches_its_published_region_on_imdb(public_data):
    """Wang & Manning 2012 report 0.912; Mesnil et al. 2015, trigrams, 0.919."""
    folder = str(public_data("aclImdb"))
    train, valid, test = (
        load("imdb", split, folder) for split in ("train", "valid", "test")
    )
    probabilities = baseline.probabilities(train, valid, test)
    labels = np.array([y.numpy() for _, y in test])
    assert np.mean((probabilities >= 0.5) == labels) >= 0.91
