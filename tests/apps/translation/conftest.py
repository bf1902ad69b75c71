"""A model and a run that is trained, evaluated and exported once."""

import dataclasses

import keras
import pytest

from apps.translation import Translation
from apps.translation.evaluation.evaluation import TranslationEvaluation
from apps.translation.model.translator import Translator
from common import runner
from common.training import model_file
from common.training import trainer
from tests import eager
from tests.apps.translation import tiny


class ByLoss(TranslationEvaluation):
    """Selects the epoch by the loss: it falls, so the last epoch is kept."""

    metrics = tuple(
        dataclasses.replace(metric, selects_epoch=False)
        for metric in TranslationEvaluation.metrics
    )


class Tiny(Translation):
    """Trains on few examples."""

    @staticmethod
    def evaluation_class():
        return ByLoss

    def examples(self, split):
        return super().examples(split).take(60)


DECODING = {"bidirectional": False, "beam_width": 3, "length_penalty": 0.0}


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """An app whose model has random weights; tests must not change it."""
    app = make_app(tmp_path_factory.mktemp("translation"), average_epochs=1)
    keras.utils.set_random_seed(0)
    model = Translator.create(app.config, app.examples("train"), 1)
    with eager.functions():
        model(tiny.inputs_of(model)[0])
    app.run_dir.mkdir(exist_ok=True)
    model_file.save(model, app.run_dir / "model.keras")
    return app


@pytest.fixture(scope="session")
def model(app):
    """The model of the app; its graphs are traced once."""
    return app.load_model()


@pytest.fixture(scope="session")
def trained_app(tmp_path_factory):
    """An app with a trained run, which tests must not change."""
    app = make_app(
        tmp_path_factory.mktemp("trained"), epochs=2, average_epochs=2
    )
    trainer.train(app)
    return app


@pytest.fixture(scope="session")
def trained_model(trained_app):
    """The trained model of the run; its graphs are traced once."""
    return trained_app.load_model()


def make_app(folder, **options):
    return Tiny(
        tiny.config(
            run_dir=str(folder / "run"),
            saved_models=str(folder / "models"),
            **DECODING,
            **options,
        )
    )


@pytest.fixture(scope="session")
def exports(trained_app, trained_model):
    """Exports by beam width, after an evaluation with a width of 3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tiny, "load_model", lambda self: trained_model)
        runner.evaluate(trained_app)
        versions = {3: runner.export(trained_app)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trained_app.model_class(), "signatures", lambda self: {})
        versions[1] = runner.export(tiny.changed(trained_app, beam_width=1))
    return versions
