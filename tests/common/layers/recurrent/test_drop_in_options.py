"""Every option of LSTM, GRU and SimpleRNN works as in Keras."""

import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests.common.layers.recurrent import twins

pytestmark = pytest.mark.slow

OPTIONS = {
    "defaults": {},
    "sequences": {"return_sequences": True},
    "states": {"return_state": True},
    "backwards": {"go_backwards": True},
    "backwards_sequences": {
        "go_backwards": True,
        "return_sequences": True,
        "return_state": True,
    },
    "unrolled": {"unroll": True},
    "no_bias": {"use_bias": False},
    "stateful": {"stateful": True},
    "dropout": {"dropout": 0.5, "seed": 3},
    "recurrent_dropout": {"dropout": 0.5, "recurrent_dropout": 0.5, "seed": 3},
    "regularizers": {
        "kernel_regularizer": "l1",
        "recurrent_regularizer": "l2",
        "bias_regularizer": "l1l2",
        "return_sequences": True,
    },
    "activity_regularizer": {"activity_regularizer": "l2"},
    "constraints": {
        "kernel_constraint": "non_neg",
        "recurrent_constraint": "unit_norm",
        "bias_constraint": "max_norm",
    },
    "initializers": {
        "kernel_initializer": "he_normal",
        "recurrent_initializer": "zeros",
        "bias_initializer": "ones",
    },
    "relu": {"activation": "relu"},
    "linear": {"activation": None},
    "double": {"dtype": "float64"},
    "half": {"dtype": "mixed_bfloat16"},
    "frozen": {"trainable": False},
    "zero_output": {"zero_output_for_mask": True, "return_sequences": True},
}
OWN_OPTIONS = {
    "lstm": {
        "no_forget_bias": {"unit_forget_bias": False},
        "hard_gates": {"recurrent_activation": "hard_sigmoid"},
        "no_cudnn": {"use_cudnn": False},
        "implementation": {"implementation": 1},
    },
    "gru": {
        "reset_before": {"reset_after": False},
        "hard_gates": {"recurrent_activation": "hard_sigmoid"},
        "no_cudnn": {"use_cudnn": False},
        "implementation": {"implementation": 1},
    },
    "simple_rnn": {"sigmoid": {"activation": "sigmoid"}},
}
SCENARIOS = {
    f"{kind}-{name}": (kind, options)
    for kind in twins.KINDS
    for name, options in {**OPTIONS, **OWN_OPTIONS[kind]}.items()
}
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS)


def inputs_and_twins(scenario):
    kind, options = SCENARIOS[scenario]
    inputs = twins.INPUTS
    if scenario.endswith("double"):
        inputs = inputs.astype("float64")
    return inputs, twins.twins(kind, **options)


def tolerance(scenario):
    return 0.05 if scenario.endswith("half") else 1e-5


@pytest.mark.parametrize(
    "scenario",
    twins.quick(
        SCENARIOS,
        *(name for name in SCENARIOS if name.startswith("lstm")),
        *("gru-defaults", "gru-reset_before", "gru-hard_gates", "gru-unrolled"),
        *("simple_rnn-defaults", "simple_rnn-relu"),
    ),
)
def test_outputs_are_those_of_keras(scenario):
    inputs, (ours, stock) = inputs_and_twins(scenario)
    twins.assert_close(ours(inputs), stock(inputs), tolerance(scenario))


@pytest.mark.parametrize(
    "scenario",
    twins.quick(
        SCENARIOS, "lstm-dropout", "gru-reset_before", "simple_rnn-defaults"
    ),
)
def test_gradients_are_those_of_keras(scenario):
    inputs, (ours, stock) = inputs_and_twins(scenario)
    a, b = (twins.gradients(layer, inputs) for layer in (ours, stock))
    twins.assert_close(a, b, tolerance(scenario))


@every_scenario
def test_a_revived_layer_equals_the_layer(scenario):
    kind, options = SCENARIOS[scenario]
    ours, stock = (make(units=4, **options) for make in twins.KINDS[kind])
    config = ours.get_config()
    assert {**config, "name": ""} == {**stock.get_config(), "name": ""}
    saved = json.dumps(keras.saving.serialize_keras_object(ours))
    revived = keras.saving.deserialize_keras_object(json.loads(saved))
    assert type(revived) is type(ours)
    assert revived.get_config() == config
    assert set(dir(revived)) == set(dir(ours))
    assert dir(ours.from_config(config)) == dir(ours)


@every_scenario
def test_weights_losses_seeds_and_shapes_are_those_of_keras(scenario):
    kind, options = SCENARIOS[scenario]
    ours, stock = twins.twins(kind, **options)
    descriptions = []
    for layer in ours, stock:
        symbols = layer(keras.Input(batch_shape=twins.INPUTS.shape))
        losses = len(layer.losses)
        descriptions.append(
            (
                [(w.name, w.shape, w.dtype) for w in layer.trainable_weights],
                [(w.name, w.shape) for w in layer.non_trainable_weights],
                [(v.name, v.shape, v.dtype) for v in layer.variables],
                [(s.shape, s.dtype) for s in keras.tree.flatten(symbols)],
                layer.compute_output_shape((None, None, 3)),
                (losses, layer.supports_masking),
                layer.compute_mask(None, np.ones((4, 5), bool)) is None,
                (layer.compute_dtype, layer.variable_dtype, layer.input_spec),
            )
        )
    *a, (*dtypes, spec) = descriptions[0]
    *b, (*stock_dtypes, stock_spec) = descriptions[1]
    assert a == b
    assert dtypes == stock_dtypes
    assert str(spec) == str(stock_spec)


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN", "RNN"])
def test_the_signature_names_the_arguments_of_keras(name):
    ours, stock = (
        inspect.signature(getattr(package, name)).parameters.values()
        for package in (layers, keras.layers)
    )
    *ours, rest = ours
    assert ours[-1].name == "weight_dropout"
    assert [str(p) for p in [*ours[:-1], rest]] == [str(p) for p in stock]


def test_positional_arguments_are_those_of_keras():
    arguments = 4, "relu", "hard_sigmoid", False
    ours, stock = (make(*arguments) for make in twins.KINDS["lstm"])
    config = {**stock.get_config(), "name": ours.name}
    assert ours.get_config() == config


@pytest.mark.parametrize("kind", twins.KINDS)
def test_an_unknown_argument_raises_as_in_keras(kind):
    for make in twins.KINDS[kind]:
        with pytest.raises(ValueError, match="dropouts"):
            make(4, dropouts=0.1)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_an_unknown_kind_of_cudnn_raises_as_in_keras(kind):
    for make in twins.KINDS[kind]:
        with pytest.raises(ValueError, match="use_cudnn"):
            make(4, use_cudnn="perhaps")


@pytest.mark.parametrize("kind", twins.KINDS)
def test_an_unrolled_layer_of_unknown_length_raises_as_in_keras(kind):
    unknown = tf.TensorSpec([4, None, 3])
    for layer in twins.twins(kind, unroll=True):
        with pytest.raises(ValueError, match="Cannot unroll"):
            tf.function(layer).get_concrete_function(unknown)


@pytest.mark.parametrize("kind", twins.KINDS)
def test_inputs_of_another_rank_raise_as_in_keras(kind):
    for make in twins.KINDS[kind]:
        with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
            make(4)(twins.INPUTS[:, 0])
