"""Saved, exported and compiled convolutional recurrent layers."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

from common import layers
from tests.common.layers.recurrent import maps


@maps.quick_kinds
def test_a_saved_model_and_a_clone_give_equal_outputs(kind, tmp_path):
    options = {"dropout": 0.2, "weight_dropout": 0.1, "spatial_dropout": False}
    layer = maps.make(kind, kernel_initializer="he_normal", **options)
    inputs = maps.sequences()
    model = keras.Sequential([keras.Input(inputs.shape[1:]), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    copies = [loaded, layers.clone_model(model)]
    for copy in copies:
        assert type(copy.layers[-1]) is type(layer)
        configs = [x.get_config() for x in (copy.layers[-1], layer)]
        assert json.dumps(configs[0]) == json.dumps(configs[1])
        np.testing.assert_array_equal(copy(inputs), model(inputs))


@maps.quick_kinds
def test_a_saved_model_of_tensorflow_has_plain_operations(kind, tmp_path):
    layer = maps.make(kind, **maps.STATES)
    inputs, mask = maps.sequences(), maps.MASKS["holes"]
    module = tf.Module()
    module.layer = layer
    shape = [None, None, maps.ROWS, maps.COLUMNS, maps.CHANNELS]

    @tf.function(
        input_signature=[
            tf.TensorSpec(shape),
            tf.TensorSpec([None, None], tf.bool),
        ]
    )
    def serve(inputs, mask):
        return layer(inputs, mask=mask)

    module.serve = serve
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    for a, b in zip(loaded.serve(inputs, mask), layer(inputs, mask=mask)):
        np.testing.assert_allclose(a, b, atol=1e-6)
    saved = (tmp_path / "saved_model.pb").read_bytes()
    assert b"_XlaMustCompile" not in saved


@maps.quick_kinds
def test_litert_runs_a_frozen_layer_with_its_builtin_ops(kind):
    layer, inputs = maps.make(kind), maps.sequences(1)
    graph = tf.function(layer, input_signature=[tf.TensorSpec(inputs.shape)])
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        graph.get_concrete_function()
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    interpreter = tf.lite.Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]
    interpreter.set_tensor(index, inputs)
    interpreter.invoke()
    index = interpreter.get_output_details()[0]["index"]
    outputs = interpreter.get_tensor(index)
    np.testing.assert_allclose(outputs, layer(inputs), atol=1e-5)


@pytest.mark.slow
@maps.every_kind
def test_xla_gives_the_same_outputs(kind):
    layer, inputs = maps.make(kind), maps.sequences()
    outputs = tf.function(layer, jit_compile=True)(inputs)
    np.testing.assert_allclose(outputs, layer(inputs), atol=1e-5)


@pytest.mark.slow
@maps.every_kind
def test_onnx_runtime_gives_the_same_outputs(kind):
    tf2onnx = pytest.importorskip("tf2onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    layer, inputs = maps.make(kind), maps.sequences()
    expected = layer(inputs)
    model, _ = tf2onnx.convert.from_function(
        tf.function(layer, autograph=False),
        [tf.TensorSpec(inputs.shape, name="inputs")],
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (outputs,) = session.run(None, {"inputs": inputs})
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
