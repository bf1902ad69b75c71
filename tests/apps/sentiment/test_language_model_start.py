"""Classifiers that start from a language model."""

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model import LanguageModel
from apps.sentiment import Sentiment
from apps.sentiment import config as config_lib
from apps.sentiment.model import fine_tuning
from common.errors import UserError
from common.text.marks import Mark
from tests.apps.sentiment import test_start

LINES = ["my uncle was cross", "my aunt was Glad", "he was shy and merry"]
MOODS = {"pos": "glad merry", "neg": "cross fuming"}
SIZES = {"units": 3, "embedding_size": 5, "batch_size": 4, "unroll_steps": 4}


def train_language_model(folder, **options):
    (folder / "text.txt").write_text("\n".join(LINES * 20))
    return LanguageModel.train(
        dataset=str(folder / "text.txt"),
        run_dir=str(folder / "language_model"),
        epochs=1,
        **{**SIZES, **options},
    )


def train(folder, start, moods=MOODS, **options):
    return Sentiment.train(
        dataset=test_start.write_moods(folder / "moods.tsv", moods),
        run_dir=str(folder / "run"),
        start_from=str(start.run_dir),
        **{"max_words": 8, "epochs": 1, "batch_size": 32, **options},
    )


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Returns the run of a language model that reads backward."""
    folder = tmp_path_factory.mktemp("start")
    return train_language_model(folder, backward=True, cell="gru")


@pytest.fixture(scope="module")
def run(start, tmp_path_factory):
    """Returns the run of a classifier whose encoder is not trained yet."""
    folder = tmp_path_factory.mktemp("run")
    return train(folder, start, learning_rate=0.0, pooling="mean_max")


def test_the_encoder_is_that_of_the_language_model(start, run):
    language_model, model = start.model, run.model
    for name, value in {"cell": "gru", "units": 5, "backward": True}.items():
        assert getattr(run.config, name) == value
        assert getattr(model.arguments, name) == value
    names = language_model.vocabulary.row_names()
    rows = language_model.network.embed.embeddings.numpy()
    of_word = dict(zip(model.tokenize.row_names(), model.embed.embeddings))
    assert "Glad" not in of_word
    for name in {*names} - {"Glad", Mark.END}:
        np.testing.assert_array_equal(of_word[name], rows[names.index(name)])
    assert {"glad", "fuming"} <= {*of_word} - {*names}
    (old,), (new,) = language_model.network.stack, model.read.stack
    for source, target in zip(old.weights, new.weights, strict=True):
        np.testing.assert_array_equal(source, target)


def test_a_text_is_read_as_the_language_model_reads_it(start, run):
    text = tf.constant(["my uncle was shy"])
    tokens = start.model.vocabulary(text)
    zeros = start.model.network.zero_states(1)
    expected, _ = start.model.network(tokens, zeros)
    vectors = run.model.vectors(run.model.inputs(text))
    actual = run.model.read(vectors.to_tensor(), mask=tf.fill([1, 4], True))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-6)


def test_explanations_are_in_the_order_of_the_text(run):
    words, values = run.model.explain(tf.constant("my uncle was cross"))
    assert words.numpy().tolist() == [b"my", b"uncle", b"was", b"cross"]
    model = run.model
    inputs = model.inputs(tf.constant(["cross"]))
    alone = model({k: v.to_tensor() for k, v in inputs.items()})
    assert values.shape == (4,) and np.isfinite(alone).all()
