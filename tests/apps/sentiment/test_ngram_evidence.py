"""N-gram evidence: bigrams decide, and no review is judged by its own label."""

import numpy as np
import pytest
import tensorflow as tf

from apps.sentiment.model import ngram_evidence
from common.text import word_tokenizer

TOKENIZE = word_tokenizer.WordTokenizer(["good", "bad"])


def look_up(table, text):
    """Returns the features of the words of a text, (words, orders)."""
    layer = ngram_evidence.NgramEvidence()
    layer.table.assign(table)
    return layer(TOKENIZE.words(tf.constant([text])))[0].numpy()


def dataset(rows):
    texts, labels = zip(*rows)
    return tf.data.Dataset.from_tensor_slices(
        ({"text": list(texts)}, {"label": list(labels)})
    )


@pytest.fixture(scope="module")
def learned():
    """Returns the table and the cross-fitted features of 41 reviews."""
    rows = [
        ("so good", 1.0),
        ("not bad", 1.0),
        ("so bad", 0.0),
        ("not good", 0.0),
    ] * 10
    rows = [(f"{text} w{i}", label) for i, (text, label) in enumerate(rows)]
    rows.append(rows[0])  # IMDB contains some reviews twice.
    return ngram_evidence.learn(dataset(rows), TOKENIZE)


def test_the_evidence_has_the_sign_of_the_label(learned):
    table, _ = learned
    good, bad = look_up(table, "w1 so good so"), look_up(table, "w1 so bad so")
    assert good[2, 1] > 1 > -1 > bad[2, 1]
    np.testing.assert_allclose(good[2, 0], 0, atol=0.01)
    assert not good[3, 1:].any()


def test_rare_words_have_no_evidence(learned):
    table, _ = learned
    assert not look_up(table, "w7 xyz").any()


def test_the_evidence_of_a_training_review_comes_from_other_folds():
    """In its own fold, each review has a word that gives the label away."""
    rows = [
        # Texts that are equal would be in one fold whatever its bounds.
        (f"more {'yes' if i % 2 else 'no'}{i // 8} w{i}", float(i % 2))
        for i in range(8 * ngram_evidence.FOLDS)
    ]
    table, cross_fitted = ngram_evidence.learn(dataset(rows), TOKENIZE)
    texts = tf.constant([text for text, _ in rows])
    words = TOKENIZE.words(texts)
    layer = ngram_evidence.NgramEvidence()
    layer.table.assign(table)
    for (_, label), all_folds, other_folds in zip(
        rows,
        layer(words).to_list(),
        cross_fitted(texts, words).to_list(),
        strict=True,
    ):
        assert all_folds[1][0] * (label - 0.5) > 0
        assert other_folds[1][0] == 0


def test_the_evidence_of_a_new_review_comes_from_all_folds(learned):
    table, cross_fitted = learned
    texts = tf.constant(["so good, so bad"])
    features = cross_fitted(texts, TOKENIZE.words(texts))[0]
    np.testing.assert_array_equal(features, look_up(table, "so good, so bad"))
