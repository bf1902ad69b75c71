"""Ensembles average probabilities, and are loaded by --ensemble."""

import numpy as np
import pytest
import tensorflow as tf

from apps.sentiment import Sentiment
from apps.sentiment.model.ensemble import Ensemble
from common.errors import UserError
from common.training import saved_config
from tests.apps.sentiment import test_start

TEXTS = tf.constant(["glad and shy", "livid", ""])


def members(**values):
    """Returns two classifiers with different weights."""
    options = {"vocabulary": ["glad", "shy", "livid"], **values}
    models = [test_start.classifier(**options) for _ in range(2)]
    for seed, model in enumerate(models):
        for weight in model.trainable_weights:
            shape = weight.shape
            weight.assign(tf.random.stateless_normal(shape, [seed, 1]))
    return models


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("output", "values"),
    [
        ("positive", {}),
        ("probabilities", {"labels": ["a", "b", "c"]}),
        ("probabilities", {"labels": ["a", "b"], "label_separator": "|"}),
    ],
)
def test_an_ensemble_has_the_mean_of_the_probabilities(output, values):
    models = members(**values)
    mean = sum(model.serve(TEXTS)[output].numpy() for model in models) / 2
    actual = Ensemble(models).serve(TEXTS)[output]
    np.testing.assert_allclose(actual, mean, rtol=1e-5)
    assert np.ptp(mean) > 0.01


@pytest.mark.usefixtures("eager")
def test_contributions_are_averaged():
    models = members()
    text = tf.constant("shy and glad")
    explained = Ensemble(models).explain(text)
    assert explained["words"].numpy().tolist() == [b"shy", b"and", b"glad"]
    each = [model.explain(text)["contributions"] for model in models]
    np.testing.assert_allclose(
        explained["contributions"], np.mean(each, 0), rtol=1e-6
    )


def test_members_with_other_labels_are_refused():
    (first, _), (second, _) = members(labels=["a", "b"]), members()
    with pytest.raises(UserError, match="the labels of the runs differ"):
        Ensemble([first, second])


@pytest.mark.extended
def test_an_ensemble_is_loaded_and_exported(tmp_path):
    runs = [
        test_start.train(tmp_path, name, test_start.FIRST, seed=seed)
        for seed, name in enumerate(("first", "second"))
    ]
    folder = str(runs[1].run_dir)
    app = Sentiment.load(
        str(runs[0].run_dir), ensemble=folder, saved_models=str(tmp_path)
    )
    mean = sum(r.model.serve(TEXTS)["probabilities"].numpy() for r in runs) / 2
    actual = app.model.serve(TEXTS)["probabilities"]
    np.testing.assert_allclose(actual, mean, rtol=1e-5)
    exported = tf.saved_model.load(str(app.export()))
    serve = exported.signatures["serving_default"]
    np.testing.assert_array_equal(serve(text=TEXTS)["probabilities"], actual)
    report = app.evaluate()
    assert report.options["ensemble"] == folder
    assert saved_config.read(Sentiment.Config, runs[0].run_dir).ensemble == ""
