"""The private APIs of Keras and TensorFlow that the project depends on.

A failure here follows an upgrade of Keras or TensorFlow, and names the code to
change. To add a private API, access it in one function and add a test.
"""

import inspect
import pathlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers._engine import private_api

ROOT = pathlib.Path(__file__).parents[3]
FILE = "common/layers/_engine/private_api.py"
PRIVATE = r"keras\.src|tensorflow\.(compiler|python)|\._keras_mask"


def require(condition, advice):
    if not condition:
        pytest.fail(f"{advice} Versions: {keras.__version__}, {tf.__version__}")


def test_private_modules_are_used_in_a_single_file():
    for path in ROOT.glob("common/layers/**/*.py"):
        if path != ROOT / FILE:
            assert not re.search(PRIVATE, path.read_text()), path


def test_keras_masks_are_copied_between_tensors():
    source = keras.layers.Masking()(np.zeros((2, 3, 4), "f4"))
    target = tf.zeros((2, 3, 4))
    private_api.copy_keras_mask(source, target)
    mask = private_api.get_keras_mask(target)
    require(
        mask is not None and not np.any(mask),
        f"Keras attaches masks to tensors in another way. Adapt "
        f"get_keras_mask and copy_keras_mask in {FILE} to the code of "
        "keras.layers.Masking; DropoutEmbedding depends on it.",
    )


@pytest.mark.parametrize("cell", [keras.layers.LSTMCell, keras.layers.GRUCell])
def test_keras_cells_are_dropout_cells(cell):
    methods = [
        "get_dropout_mask",
        "get_recurrent_dropout_mask",
        "reset_dropout_mask",
        "reset_recurrent_dropout_mask",
    ]
    require(
        issubclass(cell, private_api.DropoutRNNCell)
        and all(hasattr(cell, method) for method in methods),
        "Keras caches the dropout masks of cells in another way. Adapt "
        f"DropoutRNNCell in {FILE}, and its users: CellWrapper, and "
        "common/layers/_engine/dropout_masks.py.",
    )


def test_keras_layers_draw_dropout_masks_in_methods_that_are_overridden():
    source = inspect.getsource(keras.layers.RNN.call)
    require(
        "self._maybe_config_dropout_masks(\n            self.cell," in source
        and "self._maybe_reset_dropout_masks(self.cell)" in source,
        "keras.layers.RNN draws dropout masks elsewhere. Override its method "
        "in CustomGradientRNN so that a cell keeps no masks of a call.",
    )


def test_a_copied_layer_shares_weights_and_not_attributes():
    cell = keras.layers.LSTMCell(2)
    cell.build((None, 3))
    tracked = list(cell._tracked)
    copy = private_api.copy_layer(cell, rate=0.5)
    copy.masks = [1, 2]
    require(
        copy.kernel is cell.kernel
        and not hasattr(cell, "rate")
        and not hasattr(cell, "masks")
        and cell._tracked == tracked,
        f"Keras keeps the attributes of layers elsewhere. Adapt copy_layer in "
        f"{FILE}, or dropout masks leak from one call to another.",
    )


def test_weights_are_read_in_the_dtype_of_a_scope():
    cell = keras.layers.LSTMCell(2)
    cell.build((None, 3))
    with private_api.AutocastScope("bfloat16"):
        with private_api.AutocastScope("float32"):
            inner = tf.convert_to_tensor(cell.kernel)
        outer = tf.convert_to_tensor(cell.kernel)
    require(
        inner.dtype == "float32" and outer.dtype == "bfloat16",
        "Keras casts weights in another way. Adapt CustomGradientRNN.call, "
        "which reads them in the dtype of the cell.",
    )


def test_a_tape_that_watches_a_tensor_is_detected():
    advice = (
        f"TensorFlow moved should_record_backprop. Adapt is_recorded in {FILE}."
    )
    variable = tf.Variable(1.0)

    def is_recorded():
        return private_api.is_recorded([tf.convert_to_tensor(variable)])

    require(not is_recorded(), advice)
    with tf.GradientTape() as tape:
        require(is_recorded() and tf.function(is_recorded)(), advice)
        with tape.stop_recording():
            require(not is_recorded(), advice)
    with tf.GradientTape(watch_accessed_variables=False):
        require(not is_recorded(), advice)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.RNN,
        keras.layers.LSTM,
        keras.layers.GRU,
        keras.layers.SimpleRNN,
    ],
)
def test_keras_layers_run_their_steps_in_inner_loop(layer):
    loop = getattr(layer, "inner_loop", None)
    parameters = loop and [*inspect.signature(loop).parameters]
    require(
        parameters == ["self", "sequences", "initial_state", "mask", "training"]
        and ".inner_loop(" in inspect.getsource(keras.layers.RNN.call),
        "keras.layers.RNN no longer runs its steps in inner_loop. Override its "
        "replacement in common/layers/_engine/custom_gradient.py; without it, "
        "the layers silently run Keras's implementation.",
    )


def test_xla_updates_a_slice_at_a_dynamic_index():
    advice = (
        f"TensorFlow moved xla.dynamic_update_slice. Adapt update_slice in "
        f"{FILE}; jax.experimental.jax2tf uses the same op."
    )

    @tf.function(jit_compile=True)
    def update(index):
        ones = tf.ones((2, 1, 3))
        return private_api.update_slice(
            tf.zeros((2, 4, 3)), ones, [0, index, 0]
        )

    expected = np.zeros((2, 4, 3))
    expected[:, 2] = 1
    require(np.array_equal(update(tf.constant(2)), expected), advice)


def test_the_layers_within_a_layer_are_listed_in_order():
    inner = keras.layers.Dense(2)
    layer = keras.layers.TimeDistributed(keras.Sequential([inner]))
    require(
        private_api.inner_layers(layer)[-1] is inner,
        "Keras lists the layers within a layer in another way. Adapt "
        f"inner_layers in {FILE}; CompositeLayer depends on it.",
    )
