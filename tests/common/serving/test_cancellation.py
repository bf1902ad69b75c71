"""A run of TensorFlow can be stopped from another thread."""

import threading

import numpy as np
import pytest
import tensorflow as tf

from common.serving.cancellation import Cancellation
from common.serving.version import Version


def test_a_loop_ends_when_it_is_stopped(exports):
    repeat = Version(exports / "texts" / "1").signature("repeat")
    endless = {
        "text": np.array([b"a"], object),
        "length": np.int32(2**31 - 1),
    }
    cancellation = Cancellation()
    threading.Timer(0.1, cancellation.cancel).start()
    with pytest.raises(tf.errors.CancelledError):
        repeat.run(endless, cancellation)
    quick = {**endless, "length": np.int32(1)}
    assert repeat.run(quick, Cancellation())["text"].tolist() == [b"a"]


def test_a_run_that_is_stopped_before_it_begins_does_not_run(exports):
    repeat = Version(exports / "texts" / "1").signature("repeat")
    cancellation = Cancellation()
    cancellation.cancel()
    endless = {
        "text": np.array([b"a"], object),
        "length": np.int32(2**31 - 1),
    }
    with pytest.raises(tf.errors.CancelledError):
        repeat.run(endless, cancellation)
