"""TokenDecoder: single steps equal a call with all steps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers


def decoder(**options):
    keras.utils.set_random_seed(0)
    plain = dict(
        vocabulary_size=20,
        embedding_size=6,
        cell="lstm",
        units=6,
        depth=1,
        residual=False,
        attention="luong",
        input_feeding=False,
        tied=True,
        dropout=0.2,
    )
    layer = layers.TokenDecoder(**{**plain, **options})
    layer.build((None, None), (None, None, 3))
    return layer


def make_inputs(layer):
    """Returns tokens, memory, mask and initial states for a decoder."""
    rng = np.random.default_rng(0)
    memory = tf.constant(rng.normal(size=(2, 5, 3)), tf.float32)
    mask = tf.constant([[True] * 5, [True] * 3 + [False] * 2])
    states = [
        tf.constant(rng.normal(size=(2, size)), tf.float32)
        for size in layer.state_sizes
    ]
    tokens = tf.constant(rng.integers(1, 20, (2, 4)), tf.int32)
    return tokens, memory, mask, layer.get_initial_state(2, states)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"depth": 3, "residual": True, "cell": "gru"},
        {"attention": "bahdanau", "input_feeding": True, "depth": 2},
        {"attention": "none", "tied": False, "cell": "simple_rnn"},
    ],
    ids=str,
)
def test_single_steps_equal_a_call_with_all_steps(options):
    layer = decoder(**options)
    tokens, memory, mask, states = make_inputs(layer)
    logits, alignments = layer(tokens, memory, mask, states)
    keys = layer.keys(memory)
    for time in range(4):
        step_logits, states, step_alignments = layer.step(
            tokens[:, time], states, memory, mask, keys
        )
        np.testing.assert_allclose(step_logits, logits[:, time], atol=1e-5)
        if alignments is not None:
            np.testing.assert_allclose(
                step_alignments, alignments[:, time], atol=1e-5
            )


def test_alignments_are_none_without_attention():
    layer = decoder(attention="none")
    assert layer(*make_inputs(layer))[1] is None


def test_masked_places_have_no_alignment():
    layer = decoder()
    _, alignments = layer(*make_inputs(layer))
    np.testing.assert_array_equal(alignments[1, :, 3:], 0)
    np.testing.assert_allclose(tf.reduce_sum(alignments, -1), 1, rtol=1e-5)


def test_dropout_is_applied_only_in_training():
    layer = decoder()
    inputs = make_inputs(layer)
    first, second = (layer(*inputs, training=False)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.any(first != layer(*inputs, training=True)[0])
