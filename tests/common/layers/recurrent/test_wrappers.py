"""Bidirectional and TimeDistributed wrap the drop-ins as Keras's layers."""

import keras
import numpy as np
import pytest

from tests.common.layers.recurrent import twins

pytestmark = pytest.mark.slow

INPUTS = twins.INPUTS
HOLES = np.array([[1, 0, 1, 0, 1], [0, 1, 0, 0, 1]] * 2, bool)
MERGES = ["concat", "sum", "mul", "ave", None]


def bidirectional(kind, merge="concat", backward=None, **options):
    """Returns Bidirectional of a drop-in, and of Keras's layer."""
    wrapped = []
    for make in twins.KINDS[kind]:
        reverse = backward and make(4, go_backwards=True, **backward)
        wrapped.append(
            keras.layers.Bidirectional(
                make(4, **options), merge, backward_layer=reverse
            )
        )
    return twins.share_weights(*wrapped)


@pytest.mark.parametrize("merge", twins.quick(MERGES, "concat"))
@pytest.mark.parametrize("kind", twins.KINDS)
def test_both_directions_are_merged_as_in_keras(kind, merge):
    for options in {}, {"return_state": True}, {"return_sequences": True}:
        ours, stock = bidirectional(kind, merge, **options)
        twins.assert_close(ours(INPUTS, mask=HOLES), stock(INPUTS, mask=HOLES))
        assert ours.compute_output_shape(INPUTS.shape) == (
            stock.compute_output_shape(INPUTS.shape)
        )


@pytest.mark.parametrize("kind", twins.quick(twins.KINDS, "simple_rnn"))
def test_gradients_of_both_directions_are_those_of_keras(kind):
    a, b = (
        twins.gradients(layer, INPUTS, mask=HOLES)
        for layer in bidirectional(kind, return_sequences=True)
    )
    twins.assert_close(a, b)


@pytest.mark.parametrize("kind", twins.KINDS)
def test_a_backward_layer_of_its_own(kind):
    ours, stock = bidirectional(kind, backward={"use_bias": False})
    assert not ours.backward_layer.use_bias
    twins.assert_close(ours(INPUTS), stock(INPUTS))


@pytest.mark.parametrize("kind", twins.KINDS)
def test_both_directions_remember_and_start_as_in_keras(kind):
    results = []
    for layer in bidirectional(kind, stateful=True):
        first, second = layer(INPUTS), layer(INPUTS)
        layer.reset_state()
        count = 2 * len(layer.forward_layer.state_size)
        states = [np.full((4, 4), i / 8, "f4") for i in range(count)]
        third = layer(INPUTS, initial_state=states)
        results.append([first, second, third])
    twins.assert_close(*results)


@pytest.mark.parametrize("kind", twins.KINDS)
def test_a_revived_bidirectional_layer_has_our_layers(kind):
    ours, _ = bidirectional(kind)
    config = keras.saving.serialize_keras_object(ours)
    revived = keras.saving.deserialize_keras_object(config)
    assert revived.get_config() == ours.get_config()
    expected = twins.KINDS[kind][0]
    assert type(revived.forward_layer) is expected
    assert type(revived.backward_layer) is expected


@pytest.mark.parametrize("use_cudnn", [True, False, "auto"])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_both_directions_keep_use_cudnn(kind, use_cudnn):
    layer = twins.KINDS[kind][0](1, use_cudnn=use_cudnn)
    wrapped = keras.layers.Bidirectional(layer)
    assert wrapped.forward_layer.use_cudnn == use_cudnn
    assert wrapped.backward_layer.use_cudnn == use_cudnn


@pytest.mark.parametrize("kind", twins.KINDS)
def test_a_layer_distributed_over_time_is_that_of_keras(kind):
    inputs = np.random.default_rng(3).normal(size=(2, 4, 5, 3)).astype("f4")
    wrapped = [
        keras.layers.TimeDistributed(layer) for layer in twins.twins(kind)
    ]
    results = [layer(inputs) for layer in wrapped]
    twins.assert_close(*results)
    assert results[0].shape == (2, 4, 4)
    shape = (None, None, 5, 3)
    assert wrapped[0].compute_output_shape(shape) == (None, None, 4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", twins.KINDS)
def test_gradients_of_a_distributed_layer_are_those_of_keras(kind):
    inputs = np.random.default_rng(3).normal(size=(2, 4, 5, 3)).astype("f4")
    wrapped = map(keras.layers.TimeDistributed, twins.twins(kind))
    twins.assert_close(*(twins.gradients(x, inputs) for x in wrapped))
