"""The classifier: cells, odd input, explanations, and its exported copies."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.sentiment.config import SentimentConfig
from apps.sentiment.data import examples
from apps.sentiment.data import sample
from apps.sentiment.model import classifier
from common import options
from common.export import saved_model
from tests import variants

ARGUMENTS = classifier.Arguments(
    vocabulary=["film", "charming", "dull", ".", "not", ","],
    max_words=12,
    ngram_evidence=False,
    embedding_size=6,
    cell="lstm",
    units=5,
    depth=1,
    bidirectional=True,
    pooling="last",
    dropout=0.0,
    word_dropout=0.0,
)
ODD_TEXTS = [
    "",
    " \n\t",
    "qwxyz zyxwq",
    "😀😀 👍🏽 \u200d",
    "nul\x00bytes\x00here",
    b"\xff\xfe\xc3(\xe2\x82",
    "word! <br /> " * 8000,
    "An ordinary, rather charming film.",
]


def make_classifier(**changes):
    keras.utils.set_random_seed(0)
    return classifier.Classifier(dataclasses.replace(ARGUMENTS, **changes))


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "cell", variants.extended(options.CELLS, "lstm", "gru")
)
def test_every_cell_reads_and_learns(cell):
    model = make_classifier(cell=cell, bidirectional=False)
    texts = tf.constant(["charming film", "dull"])
    first, second = before = model.serve(texts)["positive"].numpy()
    assert first != second
    inputs = {k: rows.to_tensor() for k, rows in model.inputs(texts).items()}
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(inputs))
    gradients = tape.gradient(loss, model.trainable_variables)
    keras.optimizers.SGD(0.1).apply(gradients, model.trainable_variables)
    after = model.serve(texts)["positive"].numpy()
    assert np.all(after < before)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("pooling", "bidirectional"),
    [
        ("last", True),
        pytest.param("mean", False, marks=pytest.mark.extended),
        pytest.param("mean_max", True, marks=pytest.mark.extended),
    ],
)
def test_odd_input_alone_is_classified_as_in_a_batch(pooling, bidirectional):
    model = make_classifier(pooling=pooling, bidirectional=bidirectional)
    together = model.serve(tf.constant(ODD_TEXTS))["positive"].numpy()
    assert np.all((together > 0) & (together < 1))
    assert len(set(together)) > 3
    for text, probability in zip(ODD_TEXTS, together):
        alone = model.serve(tf.constant([text]))["positive"].numpy()
        np.testing.assert_allclose(alone, [probability], atol=1e-6)


@pytest.fixture(scope="module")
def trained():
    """Returns a new model with n-gram evidence of 200 reviews."""
    config = SentimentConfig(ngram_evidence=True, units=4, bidirectional=False)
    train = examples.labeled(*sample.reviews(200, "train"))
    model = classifier.Classifier.create(config, train, steps_per_epoch=4)
    model.build(None)
    model.optimizer.build(model.trainable_variables)
    return model


def test_no_text_gives_no_probability(trained):
    empty = trained.serve(tf.zeros([0], tf.string))["positive"]
    assert empty.shape == (0,)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("pooling", ["last", "mean_max"])
def test_contributions_add_up_to_the_log_odds(pooling):
    model = make_classifier(pooling=pooling)
    text = tf.constant("A charming film, not dull.")
    words, values = model.explain(text).values()
    inputs = {k: v.to_tensor() for k, v in model.inputs(text[None]).items()}
    vectors = model.vectors(inputs)
    mask = inputs["tokens"] > 0
    gain = model.verdict(vectors, mask) - model.verdict(0 * vectors, mask)
    assert [word.decode() for word in words.numpy()] == [
        *("a", "charming", "film", ",", "not", "dull", "."),
    ]
    np.testing.assert_allclose(np.sum(values), gain[0], atol=1e-4)


@pytest.mark.extended
def test_the_copies_of_a_model_with_ngram_evidence_answer_as_it_does(
    trained, tmp_path
):
    texts = tf.constant(["The plot was utterly dull.", "", "a " * 500])
    expected = trained.serve(texts)["positive"]
    trained.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.serve(texts)["positive"], expected)
    version = saved_model.publish(trained, tmp_path, {})
    serve = tf.saved_model.load(version).signatures["serving_default"]
    np.testing.assert_array_equal(serve(text=texts)["positive"], expected)


@pytest.mark.usefixtures("eager")
def test_ngram_evidence_is_part_of_the_explained_input(trained):
    text = tf.constant("The plot was utterly dull.")
    words, values = trained.explain(text).values()
    assert len(words) == len(values) == 6
    assert np.any(values)


def test_training_starts_from_the_word_vectors_of_a_file(tmp_path):
    model = make_classifier(embedding_size=2)
    path = tmp_path / "glove.txt"
    path.write_text("dull 7 8\nfilm 1 2\n")
    model.set_word_vectors(path)
    tokens = model.tokenize(tf.constant(["film dull"])).to_tensor()
    np.testing.assert_array_equal(model.embed(tokens)[0], [[1, 2], [7, 8]])
