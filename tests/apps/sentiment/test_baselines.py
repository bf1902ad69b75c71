"""NB-SVM learns bigrams, always the same, and as well as published."""

import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf
from sklearn import linear_model

from apps.sentiment import baselines
from apps.sentiment.config import SentimentConfig
from apps.sentiment.data.imdb import IMDB
from apps.sentiment.model import nb_svm
from common.data import batching
from common.data.records import BadRecords


def test_nb_svm_is_the_same_every_time():
    counts = scipy.sparse.random_array(
        (50, 200), density=0.1, format="csr", rng=np.random.default_rng(0)
    )
    labels = np.arange(50) % 2
    first, second = (nb_svm.fit(counts, labels, 1.0) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_n_grams_are_scaled_by_their_smoothed_log_ratio():
    """One is added to each count (Wang & Manning 2012)."""
    counts = scipy.sparse.csr_matrix(
        np.array([[1, 1, 0], [1, 0, 0], [1, 1, 0], [0, 1, 1]], np.float32)
    )
    labels = np.array([1, 1, 1, 0])
    # Positive counts 3, 2, 0 become 4, 3, 1 of 8; negative 0, 1, 1 become
    # 1, 2, 2 of 5.
    ratio = np.log([4 / 8 / (1 / 5), 3 / 8 / (2 / 5), 1 / 8 / (2 / 5)])
    classifier = linear_model.LogisticRegression(
        C=1.0, solver="liblinear", dual=True, max_iter=1000, random_state=0
    )
    classifier.fit(counts.toarray() * ratio, labels)
    weights, bias = nb_svm.fit(counts, labels, 1.0)
    np.testing.assert_allclose(weights, classifier.coef_[0] * ratio, rtol=1e-3)
    assert bias == pytest.approx(classifier.intercept_[0], rel=1e-3)


def examples(count, seed, between=""):
    """Returns texts whose label depends on two words and on nothing else.

    Args:
      count: Number of texts.
      seed: Of the words.
      between: What stands between the two words.
    """
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        good, negated = rng.integers(2, size=2)
        word = ["dull", "charming"][good]
        first = "not" if negated else "so"
        texts.append(f"It was {first} {between}{word}")
        labels.append(float(good != negated))
    return tf.data.Dataset.from_tensor_slices(
        ({"text": texts}, {"label": labels})
    )


def accuracy(train, valid, test):
    probabilities = baselines.probabilities(train, valid, test)
    labels = batching.targets(test)["label"]
    return np.mean((probabilities >= 0.5) == labels)


@pytest.mark.parametrize("between", ["", "at all "])
def test_the_validation_split_chooses_the_length_of_n_grams(between):
    sizes = {0: 80, 1: 20, 2: 50}
    splits = [examples(n, seed, between) for seed, n in sizes.items()]
    assert accuracy(*splits) == 1


@pytest.mark.slow
@pytest.mark.real_data
def test_nb_svm_reaches_its_published_accuracy_on_imdb(public_data, tmp_path):
    """Wang & Manning 2012 report 0.912; Mesnil et al. 2015, trigrams, 0.919."""
    config = SentimentConfig(
        dataset="imdb", data_dir=str(public_data("aclImdb"))
    )
    reviews = IMDB(config, BadRecords(tmp_path / "bad.csv", 0.0))
    splits = map(reviews.examples, ("train", "valid", "test"))
    assert accuracy(*splits) >= 0.91


@pytest.mark.parametrize(
    "rows",
    [
        [(f"这部电影{'好' if i % 2 else '坏'}{i}", i % 2) for i in range(60)],
        [(f"{chr(0x4E00 + i)}", i % 2) for i in range(60)],
        [("_" * (1 + i), i % 2) for i in range(60)],
        [
            (f"{'好' if i % 2 else '坏'}映画{i}でした。", i % 2)
            for i in range(60)
        ],
    ],
    ids=["no spaces", "nothing repeats", "no words", "only marks repeat"],
)
def test_characters_count_where_words_do_not_repeat(rows):
    texts, labels = zip(*rows)
    labels = np.array(labels, np.float32)
    data = tf.data.Dataset.from_tensor_slices(
        ({"text": list(texts)}, {"label": labels})
    )
    splits = data.take(40), data.skip(40).take(10), data.skip(50)
    probabilities = baselines.probabilities(*splits)
    assert np.all((probabilities > 0) & (probabilities < 1))
    if "好" in "".join(texts):
        np.testing.assert_array_equal(probabilities >= 0.5, labels[50:] == 1)
