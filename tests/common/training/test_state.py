"""The state of a run is saved and restored."""

import types

import pytest
import tensorflow as tf

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
