"""RNN runs Keras's cells, own cells and stacks of cells as Keras does."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from common import layers
from tests.common.layers.recurrent import twins

INPUTS = twins.INPUTS
HOLES = np.array([[1, 0, 1, 0, 1], [0, 1, 0, 0, 1]] * 2, bool)


@keras.saving.register_keras_serializable("tests")
class Counter(keras.layers.Layer):
    """A cell without weights: sums its inputs, and counts the steps.

    Args:
      units: int; size of the inputs and of each state.
      count: int; number of states, 1 or 2.
      form: "int", "list" or "tuple": type of `state_size`.
    """

    def __init__(self, units=3, count=1, form="list", **kwargs):
        super().__init__(**kwargs)
        self.units, self.count, self.form = units, count, form
        forms = {"int": lambda s: s[0], "list": list, "tuple": tuple}
        self.state_size = forms[form]([units] * count)
        self.output_size = units

    def call(self, inputs, states):
        total, *steps = states
        total = total + inputs[..., : self.units]
        return total, [total, *[s + 1 for s in steps]]


STACK = keras.layers.StackedRNNCells
CELLS = {
    "int": lambda: Counter(form="int"),
    "list": lambda: Counter(),
    "tuple": lambda: Counter(form="tuple"),
    "two_states": lambda: Counter(count=2),
    "two_states_tuple": lambda: Counter(count=2, form="tuple"),
    "simple": lambda: keras.layers.SimpleRNNCell(3),
    "gru": lambda: keras.layers.GRUCell(3),
    "lstm": lambda: keras.layers.LSTMCell(3),
    "dropout": lambda: keras.layers.LSTMCell(3, dropout=0.5, seed=1),
    "list_of_cells": lambda: [keras.layers.GRUCell(2), Counter(2, 2)],
    "stack": lambda: STACK(
        [keras.layers.SimpleRNNCell(4), keras.layers.LSTMCell(3)]
    ),
    "stack_with_dropout": lambda: [
        keras.layers.GRUCell(3, dropout=0.1, recurrent_dropout=0.1, seed=i)
        for i in range(3)
    ],
}
every_cell = pytest.mark.parametrize("cell", CELLS)


def pair(cell, **options):
    ours, stock = (
        package.RNN(CELLS[cell](), **options)
        for package in (layers, keras.layers)
    )
    return twins.share_weights(ours, stock)


@pytest.mark.parametrize(
    "option", twins.quick(["last", "sequences", "backwards"], "sequences")
)
@every_cell
def test_outputs_and_states_are_those_of_keras(cell, option):
    options = {
        "return_sequences": option == "sequences",
        "go_backwards": option == "backwards",
        "return_state": True,
    }
    ours, stock = pair(cell, **options)
    a, b = ours(INPUTS), stock(INPUTS)
    keras.tree.assert_same_structure(a, b)
    twins.assert_close(a, b)
    shapes = ours.compute_output_shape(INPUTS.shape)
    assert shapes == stock.compute_output_shape(INPUTS.shape)
    for output, shape in zip(keras.tree.flatten(a), _shapes(shapes)):
        assert tuple(output.shape) == shape
    unknown = None, None, 3
    assert ours.compute_output_shape(unknown) == (
        stock.compute_output_shape(unknown)
    )


def _shapes(nested):
    """Returns the shapes in a structure of shapes, flat."""
    if isinstance(nested, tuple) and not isinstance(nested[0], tuple | list):
        return [nested]
    return [shape for part in nested for shape in _shapes(part)]


@pytest.mark.parametrize("cell", twins.quick(CELLS, "simple", "two_states"))
def test_masked_outputs_and_gradients_are_those_of_keras(cell):
    a, b = (
        twins.gradients(layer, INPUTS, mask=HOLES)
        for layer in pair(cell, return_sequences=True)
    )
    twins.assert_close(a, b)


@pytest.mark.parametrize("unroll", twins.quick([False, True], False))
@every_cell
def test_a_stateful_layer_remembers_as_in_keras(cell, unroll):
    results = []
    for layer in pair(cell, stateful=True, return_state=True, unroll=unroll):
        results.append([layer(INPUTS), layer(INPUTS)])
    twins.assert_close(*results)


def test_the_states_of_a_stack_are_reset():
    layer, _ = pair("stack", stateful=True)
    first = layer(INPUTS)
    assert np.abs(layer(INPUTS) - first).max() > 1e-3
    layer.reset_state()
    np.testing.assert_array_equal(layer(INPUTS), first)


@every_cell
def test_initial_states_are_those_of_keras(cell):
    ours, stock = pair(cell, return_state=True)
    states = keras.tree.map_structure(
        lambda state: ops.ones_like(state) / 2, stock.get_initial_state(4)
    )
    twins.assert_close(
        ours(INPUTS, initial_state=states), stock(INPUTS, initial_state=states)
    )
    mine = keras.tree.flatten(ours.get_initial_state(4))
    twins.assert_close(mine, keras.tree.flatten(stock.get_initial_state(4)))


@every_cell
def test_a_revived_layer_equals_the_layer(cell):
    ours, stock = (
        package.RNN(cell=CELLS[cell](), zero_output_for_mask=True)
        for package in (layers, keras.layers)
    )
    saved = json.dumps(keras.saving.serialize_keras_object(ours))
    revived = keras.saving.deserialize_keras_object(json.loads(saved))
    assert type(revived) is layers.RNN
    assert revived.get_config() == ours.get_config()
    assert set(dir(revived)) == set(dir(ours))
    assert {**ours.get_config(), "name": "", "cell": ""} == {
        **stock.get_config(),
        "name": "",
        "cell": "",
    }


@every_cell
def test_weights_and_seeds_are_those_of_keras(cell):
    counts = [
        (
            len(layer.trainable_weights),
            len(layer.non_trainable_weights),
            len(layer.variables),
            layer.state_size,
            layer.single_state,
            layer.supports_masking,
        )
        for layer in pair(cell)
    ]
    assert counts[0] == counts[1]


def test_sums_and_steps_by_hand():
    layer = layers.RNN(Counter(count=2), return_state=True)
    outputs, total, steps = layer(INPUTS, mask=HOLES)
    expected = np.where(HOLES[..., None], INPUTS, 0).sum(1)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    np.testing.assert_allclose(total, expected, atol=1e-6)
    np.testing.assert_array_equal(steps[:, 0], [3, 2, 3, 2])


@pytest.mark.parametrize("cell", [keras.layers.Dense(3), object()])
def test_what_is_not_a_cell_raises_as_in_keras(cell):
    errors = []
    for package in layers, keras.layers:
        with pytest.raises(ValueError, match="cell") as error:
            package.RNN(cell)
        errors.append(str(error.value))
    assert errors[0] == errors[1]
