"""A run that is trained, evaluated and exported once, and shared."""

import dataclasses

import pytest

from apps.translation import Translation
from apps.translation.evaluation.evaluation import TranslationEvaluation
from common import runner
from common.training import trainer
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


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """An app with a trained run, which tests must not change."""
    folder = tmp_path_factory.mktemp("translation")
    app = Tiny(
        tiny.config(
            run_dir=str(folder / "run"),
            saved_models=str(folder / "models"),
            epochs=2,
            bidirectional=False,
            average_epochs=2,
            beam_width=3,
            length_penalty=0.0,
        )
    )
    trainer.train(app)
    return app


@pytest.fixture(scope="session")
def model(app):
    """The trained model of the run; its graphs are traced once."""
    return app.load_model()


@pytest.fixture(scope="session")
def exports(app, model):
    """Exports by beam width, after an evaluation with a width of 3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tiny, "load_model", lambda self: model)
        runner.evaluate(app)
        versions = {3: runner.export(app)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.model_class(), "signatures", lambda self: {})
        versions[1] = runner.export(tiny.changed(app, beam_width=1))
    return versions
