"""The state of a run is saved and restored."""

import types

import pytest
import tensorflow as tf

from common.evaluation.metric import Metric
from common.training import state as state_lib
from tests.common import conftest


def test_the_working_time_of_a_resumed_run_includes_that_before(
    tmp_path, monkeypatch
):
    """And not the time between the two processes."""
    now = 0.0
    clock = types.SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr(state_lib, "time", clock)
    config = conftest.ToyConfig()
    model = conftest.Line.create(config, None, 1)
    model(tf.zeros([1]))
    first = state_lib.State(model, tmp_path, start=0.0)
    now = 100.0
    first.save()
    now = 500.0
    resumed = state_lib.State(model, tmp_path, start=490.0)
    resumed.restore()
    assert resumed.seconds == pytest.approx(110)


@pytest.mark.parametrize(
    ("scores", "losses", "best"),
    [
        ([0.0, 0.0, 0.0], [3.0, 1.0, 2.0], 2),
        ([0.0, 5.0, 5.0], [1.0, 2.0, 2.0], 2),
        ([0.0, 5.0, 4.0], [1.0, 9.0, 2.0], 2),
    ],
)
def test_the_lower_loss_decides_between_epochs_that_are_equal(
    scores, losses, best
):
    rows = [
        {"epoch": number, "val_bleu": score, "val_loss": loss}
        for number, (score, loss) in enumerate(zip(scores, losses), 1)
    ]
    bleu = Metric("bleu", "An integer.")
    assert state_lib.best_row(rows, bleu)["epoch"] == best
    negated = [{**row, "val_bleu": -row["val_bleu"]} for row in rows]
    lower = Metric("bleu", "An integer.", lower_is_better=True)
    assert state_lib.best_row(negated, lower)["epoch"] == best
