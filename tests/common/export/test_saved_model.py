"""A version of a SavedModel appears complete or not at all."""

import threading

import keras
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from common.export import saved_model
from common.export import versions


class Doubler(keras.Model):
    def __init__(self):
        super().__init__()
        self.factor = self.add_weight(shape=(), initializer="ones")
        self.built = True

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def serve(self, x):
        return {"double": x * (1 + self.factor)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def halve(self, x):
        return {"half": x / (1 + self.factor)}

    def signatures(self):
        return {"halve": self.halve}


def is_complete(version):
    names = {path.name for path in version.iterdir()}
    return {"saved_model.pb", "variables", "assets.extra"} <= names


def test_versions_are_numbered_and_answer(tmp_path):
    for number in (1, 2):
        path = saved_model.publish(Doubler(), tmp_path / "m", {"a.txt": "text"})
        assert path == tmp_path / "m" / str(number)
    assert versions.numbers(tmp_path / "m") == [1, 2]
    assert (path / "assets.extra" / "a.txt").read_text() == "text"
    signatures = tf.saved_model.load(path).signatures
    x = tf.constant([2.0])
    assert signatures["serving_default"](x=x)["double"].numpy() == [4.0]
    assert signatures["halve"](x=x)["half"].numpy() == [1.0]
    # A server answers with the highest number, whatever was removed.
    path.rename(tmp_path / "m" / "7")
    path = saved_model.publish(Doubler(), tmp_path / "m", {})
    assert path.name == "8"


class Scaler(Doubler):
    """Counts the traces of `serve`; an input of `scale` has a default."""

    def __init__(self):
        super().__init__()
        self.traces = 0

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def serve(self, x):
        self.traces += 1
        return {"scaled": x * self.factor}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, "x"),
            tf.TensorSpec([], tf.float32, "by"),
        ]
    )
    def scale(self, x, by=tf.constant(3.0)):
        return {"scaled": x * by}

    def signatures(self):
        return {"scale": self.scale}


def test_what_answered_is_not_traced_again(tmp_path):
    scaler, x = Scaler(), tf.constant([2.0])
    scaler.serve(x)
    path = saved_model.publish(scaler, tmp_path, {})
    assert scaler.traces == 1
    signatures = tf.saved_model.load(path).signatures
    assert signatures["serving_default"](x=x)["scaled"].numpy() == [2.0]


def test_defaults_of_inputs_are_saved(tmp_path):
    path = saved_model.publish(Scaler(), tmp_path, {})
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((path / "saved_model.pb").read_bytes())
    defaults = saved.meta_graphs[0].signature_def["scale"].defaults
    assert {k: tf.make_ndarray(defaults[k]) for k in defaults} == {"by": 3.0}


def test_a_poller_never_sees_an_incomplete_version(tmp_path):
    seen, partial, done = set(), [], threading.Event()

    def poll():
        while not done.wait(0.001):
            for number in versions.numbers(tmp_path):
                seen.add(number)
                if not is_complete(tmp_path / str(number)):
                    partial.append(number)

    poller = threading.Thread(target=poll, daemon=True)
    poller.start()
    try:
        for _ in range(5):
            saved_model.publish(Doubler(), tmp_path, {"a.txt": "text"})
    finally:
        done.set()
        poller.join()
    assert seen >= {1, 2, 3, 4}
    assert not partial


def test_a_crash_during_export_leaves_no_version(tmp_path, monkeypatch):
    write = saved_model._write

    def crash(*args):
        write(*args)
        raise RuntimeError("power failure")

    monkeypatch.setattr(saved_model, "_write", crash)
    with pytest.raises(RuntimeError):
        saved_model.publish(Doubler(), tmp_path, {})
    assert versions.numbers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_concurrent_exports_get_different_versions(tmp_path, monkeypatch):
    saved_model.publish(Doubler(), tmp_path, {})
    monkeypatch.setattr(versions, "numbers", lambda folder: [])
    assert saved_model.publish(Doubler(), tmp_path, {}) == tmp_path / "2"
