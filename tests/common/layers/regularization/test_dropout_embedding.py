"""DropoutEmbedding: dropout of whole words, and output logits."""

import keras
import numpy as np
import pytest

from common import layers

MATRIX = np.arange(1.0, 9).reshape(4, 2).astype("f4")
WORDS = np.random.default_rng(0).integers(1000, size=(50, 40))


def test_no_word_is_dropped_without_training():
    embedding = layers.DropoutEmbedding(4, 2, dropout=0.5)
    embedding.build()
    embedding.set_weights([MATRIX])
    vectors = embedding(np.array([[3, 0]]))
    np.testing.assert_array_equal(vectors, [[[7, 8], [1, 2]]])


def test_reverse_computes_logits_with_the_same_matrix():
    embedding = layers.DropoutEmbedding(4, 2, dropout=0.5)
    embedding.build()
    embedding.set_weights([MATRIX])
    logits = embedding(np.array([[[1.0, -2]]]), reverse=True, training=True)
    np.testing.assert_array_equal(logits, [[[-3, -5, -7, -9]]])


def test_training_drops_a_word_everywhere_or_nowhere():
    embedding = layers.DropoutEmbedding(1000, 3, dropout=0.2, seed=1)
    plain = np.array(embedding(WORDS))
    ratios = np.array(embedding(WORDS, training=True)) / plain
    hidden = np.all(ratios == 0, axis=-1)
    np.testing.assert_allclose(ratios[~hidden], 1 / 0.8, rtol=1e-5)
    assert not set(WORDS[hidden]) & set(WORDS[~hidden])
    assert len(set(WORDS[hidden])) == pytest.approx(200, abs=40)


def test_each_call_drops_other_words():
    embedding = layers.DropoutEmbedding(1000, 3, dropout=0.2)
    first, second = (embedding(WORDS, training=True) for _ in range(2))
    assert np.any(first != second)


def test_equal_seeds_drop_equal_words():
    hidden = []
    for _ in range(2):
        embedding = layers.DropoutEmbedding(1000, 1, dropout=0.5, seed=3)
        hidden.append(np.equal(embedding(WORDS, training=True), 0))
    np.testing.assert_array_equal(*hidden)


@pytest.mark.parametrize("training", [False, True])
def test_padding_is_masked(training):
    embedding = layers.DropoutEmbedding(9, 3, dropout=0.2, mask_zero=True)
    pool = keras.layers.GlobalAveragePooling1D()
    padded = pool(embedding(np.array([[4, 0, 0]]), training=training))
    assert np.ptp(padded / np.array(embedding(np.array([4])))) < 1e-5


def test_from_config_restores_the_configuration():
    embedding = layers.DropoutEmbedding(
        9, 3, dropout=0.2, seed=3, mask_zero=True
    )
    again = layers.DropoutEmbedding.from_config(embedding.get_config())
    assert (again.dropout, again.seed, again.mask_zero) == (0.2, 3, True)
    assert again.get_config() == embedding.get_config()


def test_a_dropout_of_one_raises():
    with pytest.raises(ValueError, match="dropout=1"):
        layers.DropoutEmbedding(9, 3, dropout=1)
