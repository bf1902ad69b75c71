"""Initial, returned and remembered states are those of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.common.layers.recurrent import twins

pytestmark = pytest.mark.slow

every_kind = pytest.mark.parametrize("kind", twins.KINDS)
INPUTS = twins.INPUTS


def initial_states(layer):
    """Returns a different state for each state of a layer with 4 units."""
    count = len(layer.state_size)
    random = np.random.default_rng(2)
    return [random.normal(size=(4, 4)).astype("f4") for _ in range(count)]


@pytest.mark.parametrize("training", twins.quick([False, True], False))
@every_kind
def test_a_stateful_layer_remembers_until_it_is_reset(kind, training):
    results = []
    for layer in twins.twins(kind, stateful=True):
        first = layer(INPUTS, training=training)
        second = layer(INPUTS, training=training)
        layer.reset_state()
        third = layer(INPUTS, training=training)
        np.testing.assert_allclose(first, third, atol=1e-6)
        assert np.abs(second - first).max() > 1e-3
        results.append([first, second, *layer.states])
    twins.assert_close(*([*map(tf.convert_to_tensor, r)] for r in results))


@every_kind
def test_a_stateful_layer_refuses_another_batch_size(kind):
    messages = []
    for layer in twins.twins(kind, stateful=True):
        layer(INPUTS)
        with pytest.raises(ValueError, match="batch size") as error:
            layer(INPUTS[:2])
        messages.append(str(error.value).splitlines()[:3])
    assert messages[0] == messages[1]


@every_kind
def test_a_stateful_layer_refuses_an_unknown_batch_size(kind):
    for make in twins.KINDS[kind]:
        with pytest.raises(ValueError, match="batch size must be static"):
            make(4, stateful=True)(keras.Input((5, 3)))


@every_kind
def test_a_stateful_layer_begins_with_given_states(kind):
    results = []
    for layer in twins.twins(kind, stateful=True, return_state=True):
        outputs = layer(INPUTS, initial_state=initial_states(layer))
        results.append([outputs, layer(INPUTS)])
    twins.assert_close(*results)


@pytest.mark.parametrize("backwards", [False, True])
@every_kind
def test_initial_states_as_arrays(kind, backwards):
    ours, stock = twins.twins(kind, go_backwards=backwards, return_state=True)
    states = initial_states(stock)
    states = states if len(states) > 1 else states[0]
    a, b = (layer(INPUTS, initial_state=states) for layer in (ours, stock))
    twins.assert_close(a, b)
    a, b = (
        twins.gradients(layer, INPUTS, initial_state=states)
        for layer in (ours, stock)
    )
    twins.assert_close(a, b)


@every_kind
def test_initial_states_as_keras_tensors(kind):
    outputs = []
    for layer in twins.twins(kind):
        inputs = keras.Input((None, 3))
        states = [keras.Input((4,)) for _ in layer.state_size]
        model = keras.Model(
            [inputs, *states], layer(inputs, initial_state=states)
        )
        copy = keras.Model.from_config(model.get_config())
        copy.set_weights(model.get_weights())
        arrays = [INPUTS, *initial_states(layer)]
        outputs.append([model(arrays), copy(arrays)])
        twins.assert_close(*outputs[-1])
    twins.assert_close(*outputs)


@every_kind
def test_a_decoder_starts_from_the_states_of_an_encoder(kind):
    outputs = []
    encoders = twins.twins(kind, return_state=True)
    decoders = twins.twins(kind, return_sequences=True)
    for encoder, decoder in zip(encoders, decoders):
        source, target = keras.Input((None, 3)), keras.Input((None, 3))
        _, *states = encoder(source)
        model = keras.Model(
            [source, target], decoder(target, initial_state=states)
        )
        outputs.append(model([INPUTS, INPUTS[:, :2]]))
    twins.assert_close(*outputs)


@every_kind
def test_the_last_state_is_the_last_output(kind):
    for layer in twins.twins(kind, return_sequences=True, return_state=True):
        outputs, last, *_ = layer(INPUTS)
        np.testing.assert_array_equal(outputs[:, -1], last)


@pytest.mark.slow
@every_kind
def test_a_stateful_model_trains_batch_after_batch(kind):
    weights = []
    for make in twins.KINDS[kind]:
        keras.utils.set_random_seed(1)
        inputs = keras.Input(batch_shape=(2, 5, 3))
        outputs = keras.layers.Dense(1)(make(4, stateful=True)(inputs))
        model = keras.Model(inputs, outputs)
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        model.fit(INPUTS, INPUTS[:, 0, :1], 2, 2, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    twins.assert_close(*weights)
