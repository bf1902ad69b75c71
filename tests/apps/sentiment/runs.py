"""Runs that tests share."""

import pytest

from common import runner
from common.training import trainer


def complete(app):
    """Trains, evaluates and exports; returns app, model and export."""
    model = trainer.train(app)
    with pytest.MonkeyPatch.context() as patch:
        # What is traced for one command is traced for the others, too.
        patch.setattr(app, "load_model", lambda: model)
        runner.evaluate(app)
        version = runner.export(app)
    return app, model, version
