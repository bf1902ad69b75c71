"""N-gram evidence: bigrams that decide, and no review judges itself."""

import numpy as np
import pytest
import tensorflow as tf

from apps.sentiment import evidence
from common.text import word_tokenizer

TOKENIZE = word_tokenizer.WordTokenizer(["good", "bad"])


def look_up(table, string):
    layer = evidence.NgramEvidence()
    layer.table.assign(table)
    return layer(TOKENIZE.words(tf.constant([string])))[0].numpy()


def dataset(rows):
    texts, labels = zip(*rows)
    return tf.data.Dataset.from_tensor_slices(
        ({"text": list(texts)}, list(labels))
    )


@pytest.fixture(scope="module")
def learned():
    rows = [
        ("so good", 1.0),
        ("not bad", 1.0),
        ("so bad", 0.0),
        ("not good", 0.0),
    ] * 10
    rows = [(f"{text} w{i}", label) for i, (text, label) in enumerate(rows)]
    rows.append(rows[0])  # IMDB holds some reviews twice.
    return rows, evidence.learn(dataset(rows), TOKENIZE)


def test_evidence_leans_the_way_that_an_ngram_does(learned):
    _, (table, _) = learned
    good, bad = look_up(table, "w1 so good so"), look_up(table, "w1 so bad so")
    assert good[2, 1] > 1 > -1 > bad[2, 1]
    np.testing.assert_allclose(good[2, 0], 0, atol=0.01)
    assert not good[3, 1:].any()


def test_what_few_reviews_hold_says_nothing(learned):
    _, (table, _) = learned
    assert not look_up(table, "w7 xyz").any()


def test_a_training_review_is_judged_by_the_others_only():
    """Were its own fold counted, the word of that fold would give it away."""
    rows = [
        (f"more {'yes' if i % 2 else 'no'}{i // 8}", float(i % 2))
        for i in range(8 * evidence.FOLDS)
    ]
    table, cross_fitted = evidence.learn(dataset(rows), TOKENIZE)
    texts = tf.constant([text for text, _ in rows])
    inside = cross_fitted(texts, TOKENIZE.words(texts))
    layer = evidence.NgramEvidence()
    layer.table.assign(table)
    outside = layer(TOKENIZE.words(texts))
    for (_, label), seen, unseen in zip(
        rows, outside.to_list(), inside.to_list(), strict=True
    ):
        assert seen[1][0] * (label - 0.5) > 0
        assert unseen[1][0] == 0


def test_other_texts_are_judged_by_all_reviews(learned):
    _, (table, cross_fitted) = learned
    texts = tf.constant(["so good, so bad"])
    found = cross_fitted(texts, TOKENIZE.words(texts))[0]
    np.testing.assert_array_equal(found, look_up(table, "so good, so bad"))


def test_ngrams_do_not_reach_into_the_text_before(learned):
    _, (table, _) = learned
    layer = evidence.NgramEvidence()
    layer.table.assign(table)
    together = layer(TOKENIZE.words(tf.constant(["so", "good"])))
    np.testing.assert_array_equal(together[1], look_up(table, "good"))
