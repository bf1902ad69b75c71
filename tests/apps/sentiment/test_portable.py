"""Exported classifiers answer like the model, without TensorFlow."""

import json

import numpy as np
import pytest
import tensorflow as tf

from apps.sentiment import Sentiment
from apps.sentiment.model import arguments
from apps.sentiment.model import classifier
from common.errors import UserError
from tests import variants
from tests.apps import exporting

WORDS = [
    "the",
    ".",
    "film",
    "isn't",
    "'",
    "good",
    "über",
    "<",
    "न\u093f",
    "\ufffd",
]
# Marks, symbols, breaks, scripts; more words than are read; none.
TEXTS = [
    "The FILM isn\u2019t good.<br />'Good' \u2014 ÜBER\tgood!",
    "न\u093f 3x2 _a_ \U0001f600 a'b'c \x07the",
    "the " * 9 + "good film",
    " ",
]


def create(cell="simple_rnn", **options):
    """Returns a small classifier with random weights."""
    options = {"bidirectional": False, "backward": True, **options}
    model = classifier.Classifier(
        arguments.Arguments(
            vocabulary=WORDS,
            max_words=7,
            ngram_evidence=options.pop("ngram_evidence", False),
            embedding_size=4,
            cell=cell,
            units=4,
            depth=1,
            pooling="last",
            dropout=0.1,
            word_dropout=0.0,
            **options,
        )
    )
    model.build(None)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    return model


@pytest.fixture(
    scope="module",
    params=variants.extended(["simple_rnn", "lstm"], "simple_rnn"),
)
def model(request):
    return create(request.param)


@pytest.fixture(scope="module", params=["litert", "onnx"])
def exported(request, model, tmp_path_factory):
    """Returns the folder of an export, and its format."""
    folder = tmp_path_factory.mktemp("saved_models")
    examples = {"text": TEXTS}, {"label": [0, 1, 0, 1]}
    folder = exporting.export(
        Sentiment, model, examples, folder, format=request.param
    )
    return folder, request.param


def test_the_example_answers_like_the_model(exported, model):
    folder, _ = exported
    lines = exporting.run_example(folder, "sentiment", *TEXTS[1:3])
    expected = model.serve(text=tf.constant(TEXTS[1:3]))["positive"]
    answers = [float(line.split()[0]) for line in lines]
    np.testing.assert_allclose(answers, expected, atol=2e-6)


def test_the_example_splits_texts_as_the_model_does(monkeypatch):
    names = exporting.names_of_example("sentiment", monkeypatch)
    tokenize = create().tokenize
    for text in TEXTS:
        words = tokenize.words(tf.constant([text]))[0].numpy()
        split = names["split_words"](text)
        if len(split) > 7:
            split = split[:4] + split[-3:]
        assert [word.decode() for word in words] == split


def test_a_token_beyond_the_vocabulary_is_refused(exported):
    """By the runtimes: an answer would be of other memory."""
    folder, kind = exported
    run = exporting.load(folder, "classifier", kind)
    tokens = np.array([[1, len(WORDS) + 1]], np.int32)
    assert run({"tokens": tokens})["logits"].shape == (1,)
    with pytest.raises(Exception, match="(?i)out.of.(data )?bounds|gather"):
        run({"tokens": tokens + 1})


def test_what_stands_beside_the_network(exported):
    folder, kind = exported
    report = json.loads((folder / "report.json").read_text())
    compared = report["comparison"]
    assert compared["examples"] == 4
    assert 0 <= compared["largest_difference"] < 1e-5
    assert folder.parts[-3:] == ("sentiment", kind, "1")
    card = (folder / "MODEL_CARD.md").read_text()
    assert f"test examples: {compared['largest_difference']:.2g};" in card
    assert json.loads((folder / "vocabulary.json").read_text()) == {
        "words": WORDS
    }
    settings = json.loads((folder / "preprocessing.json").read_text())
    assert settings["max_words"] == 7
    assert settings["backward"] is True


def test_onnx_takes_batches_and_litert_does_not(exported, model):
    folder, kind = exported
    run = exporting.load(folder, "classifier", kind)
    tokens = np.array([[2, 3, 0], [4, 5, 6]], np.int32)
    if kind == "litert":
        with pytest.raises(RuntimeError):
            run({"tokens": tokens})
        return
    expected = model({"tokens": tokens})
    logits = run({"tokens": tokens})["logits"]
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_evidence_of_ngrams_is_not_exported():
    with pytest.raises(UserError, match="--ngram_evidence: the weights of"):
        create(ngram_evidence=True).networks()
