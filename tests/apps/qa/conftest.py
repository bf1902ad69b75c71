"""A small trained run, shared by the tests that need one."""

import pytest

from apps.qa import QA
from apps.qa.data import sample
from common.training import trainer
from tests import eager


@pytest.fixture(scope="session")
def trained_app(tmp_path_factory):
    """Yields the app of a trained run with the fastest network."""
    folder = tmp_path_factory.mktemp("qa")
    app = QA(
        QA.Config(
            run_dir=str(folder / "run"),
            saved_models=str(folder / "saved_models"),
            model="memory_network",
            units=4,
            hops=2,
            linear_epochs=0,
            epochs=1,
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "COUNTS", dict.fromkeys(sample.COUNTS, 64))
        with eager.functions():
            trainer.train(app)
        yield app
