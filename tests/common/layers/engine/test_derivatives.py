"""Derivatives from several recordings of one call, and of higher order."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests import variants
from tests.common.layers.engine import test_custom_gradient as reference


def pair(kind="lstm", **options):
    return reference.make_pair(
        kind, dtype="float64", return_sequences=True, **options
    )


def inputs():
    return reference.sequences("float64")


def mask():
    return reference.mixed_mask()


def call(layer, sequences):
    return layer(sequences, mask=mask(), training=True)


def sources(layer, sequences):
    return [sequences, *[w.value for w in layer.weights]]


def of_two_tapes(layer, sequences):
    with tf.GradientTape() as first, tf.GradientTape() as second:
        for tape in first, second:
            tape.watch(sequences)
        loss = tf.reduce_sum(call(layer, sequences) ** 2)
        double = 2 * loss
    return [
        *first.gradient(loss, sources(layer, sequences)),
        *second.gradient(double, sources(layer, sequences)),
    ]


def of_a_persistent_tape(layer, sequences):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sequences)
        outputs = call(layer, sequences)
        losses = tf.reduce_sum(outputs), tf.reduce_sum(outputs**2)
    return [
        gradient
        for loss in losses
        for gradient in tape.gradient(loss, sources(layer, sequences))
    ]


def of_a_gradient_penalty(layer, sequences):
    with tf.GradientTape() as outer:
        outer.watch(sequences)
        with tf.GradientTape() as inner:
            inner.watch(sequences)
            loss = tf.reduce_sum(call(layer, sequences) ** 2)
        slopes = inner.gradient(loss, sources(layer, sequences))
        penalty = sum(tf.reduce_sum(slope**2) for slope in slopes)
    return outer.gradient(penalty, sources(layer, sequences))


def forward_mode(layer, sequences):
    tangent = tf.ones_like(sequences)
    with tf.autodiff.ForwardAccumulator(sequences, tangent) as accumulator:
        outputs = call(layer, sequences)
    return [accumulator.jvp(outputs)]


def forward_mode_of_a_function(layer, sequences):
    return forward_mode(tf.function(layer), sequences)


def check(derivatives, kind="lstm", graph=False):
    ours, stock = pair(kind)
    function = tf.function(derivatives) if graph else derivatives
    reference.assert_near(
        function(ours, inputs()), derivatives(stock, inputs()), 1e-12
    )


@pytest.mark.parametrize("graph", variants.extended([False, True], True))
@pytest.mark.parametrize("derivatives", [of_two_tapes, of_a_persistent_tape])
def test_several_recordings_of_one_call_have_the_gradients_of_keras(
    derivatives, graph
):
    check(derivatives, graph=graph)


@pytest.mark.parametrize(
    "derivatives",
    [
        of_a_gradient_penalty,
        pytest.param(forward_mode, marks=pytest.mark.slow),
        pytest.param(forward_mode_of_a_function, marks=pytest.mark.slow),
    ],
)
def test_second_derivatives_and_forward_mode_equal_keras(derivatives):
    check(derivatives)


@pytest.mark.slow
@reference.every_layer
def test_second_derivatives_of_every_cell_equal_keras_in_a_graph(kind):
    check(of_a_gradient_penalty, kind, graph=True)


@pytest.mark.slow
def test_second_derivatives_of_a_rounded_length_and_dropout_in_a_graph():
    """The length is unknown when the graph is traced."""
    derivatives = []
    for make in layers.LSTM, keras.layers.LSTM:
        layer = make(
            3, dropout=0.5, seed=1, bias_initializer="ones", dtype="float64"
        )
        layer.build((None, None, 4))
        for seed, weight in enumerate(layer.weights):
            weight.assign(reference.normal(weight.shape, "float64", seed))

        @tf.function(
            input_signature=[tf.TensorSpec([None, None, 4], tf.float64)]
        )
        def second(sequences, layer=layer):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(sequences)
                    loss = tf.reduce_sum(layer(sequences, training=True) ** 2)
                slope = inner.gradient(loss, sequences)
                penalty = tf.reduce_sum(slope**2)
            return outer.gradient(penalty, [w.value for w in layer.weights])

        derivatives.append(second(inputs()))
    reference.assert_near(*derivatives, 1e-12)


@pytest.mark.slow
def test_a_third_derivative_equals_a_central_difference():
    layer, _ = pair("simple_rnn")
    sequences = inputs()[:1, :2]

    def second(sequences):
        with tf.GradientTape() as outer:
            outer.watch(sequences)
            with tf.GradientTape() as inner:
                inner.watch(sequences)
                loss = tf.reduce_sum(layer(sequences, training=True) ** 3)
            slope = tf.reduce_sum(inner.gradient(loss, sequences))
        return tf.reduce_sum(outer.gradient(slope, sequences))

    with tf.GradientTape() as tape:
        tape.watch(sequences)
        value = second(sequences)
    third = tf.reduce_sum(tape.gradient(value, sequences))
    difference = (second(sequences + 1e-4) - second(sequences - 1e-4)) / 2e-4
    np.testing.assert_allclose(third, difference, rtol=1e-5)
