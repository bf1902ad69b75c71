"""Ensembles average probabilities, and are loaded by --ensemble."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from apps.translation.model.ensemble import Ensemble
from common import files
from common import runner
from common.errors import UserError
from common.text import byte_tokenizer
from tests.apps.translation import tiny


@pytest.mark.slow
def test_an_ensemble_of_a_run_with_itself_is_that_run(
    trained_app, exports, tmp_path, monkeypatch
):
    twice = tiny.changed(
        trained_app,
        beam_width=1,
        ensemble=trained_app.config.run_dir,
        saved_models=str(tmp_path),
    )
    monkeypatch.setattr(Ensemble, "signatures", lambda self: {})
    alone, ensemble = (
        tf.saved_model.load(path).signatures["serving_default"]
        for path in (exports[1], runner.export(twice))
    )
    text = tiny.texts(8, "two")
    expected, outputs = alone(text=text), ensemble(text=text)
    np.testing.assert_array_equal(
        outputs["translation"], expected["translation"]
    )
    np.testing.assert_allclose(outputs["score"], expected["score"], rtol=1e-4)


@pytest.mark.extended
def test_an_ensemble_has_the_mean_of_the_probabilities():
    models = [tiny.translator(seed) for seed in (0, 1)]
    tokens = tiny.inputs_of(models[0])[0]["source"]
    start = tf.fill([len(tiny.SHORT)], byte_tokenizer.START)

    def probabilities(model):
        step, state = model.start_decoding(tokens, 1)
        return tf.nn.softmax(step(start, state)[0])

    ensemble = Ensemble(models)
    mean = (probabilities(models[0]) + probabilities(models[1])) / 2
    np.testing.assert_allclose(probabilities(ensemble), mean, rtol=1e-4)
    target = tf.concat([start[:, None], tokens], 1)
    logs = [m.log_probabilities(tokens, target) for m in (*models, ensemble)]
    mean = (tf.exp(logs[0]) + tf.exp(logs[1])) / 2
    np.testing.assert_allclose(tf.exp(logs[2]), mean, rtol=1e-4)


@pytest.mark.extended
def test_models_with_different_vocabularies_are_refused():
    models = [tiny.translator(tokenizer=t) for t in ("words", "characters")]
    with pytest.raises(UserError, match="vocabularies of the runs differ"):
        Ensemble(models)


def test_a_missing_run_of_an_ensemble_is_refused(app, tmp_path):
    absent = tiny.changed(app, ensemble=str(tmp_path / "absent"))
    with pytest.raises(UserError, match="No run found in .*absent"):
        absent.load_model()


@pytest.mark.slow
def test_evaluates_an_ensemble(trained_app, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(trained_app.config.run_dir, folder)
    twice = tiny.changed(
        trained_app,
        run_dir=str(folder),
        ensemble=trained_app.config.run_dir,
        beam_width=1,
    )
    reports = []
    for evaluated in (twice, tiny.changed(twice, ensemble="")):
        runner.evaluate(evaluated)
        reports.append(files.read_json(folder / "metrics.json"))
    ensemble, alone = (report["metrics"] for report in reports)
    assert ensemble["bleu"] == alone["bleu"]
    assert ensemble["perplexity"] == pytest.approx(alone["perplexity"])
