"""Streams answer whatever a client sends, or refuse it with one line."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from common.audio import decode

RATE = 8000
ROWS = 2
NUMBERS = {
    "float": [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0.0, -1.0, 1e9],
    "int": [-1, 0, 7, 2**31 - 1, -(2**31)],
}


@pytest.fixture(scope="module")
def signatures(forward_model):
    """The signatures of a model with n-grams."""
    return forward_model.signatures()


@pytest.fixture(scope="module")
def state(signatures, wav_files):
    """The state of two streams within words."""
    samples = decode.read([wav_files[8123]] * ROWS, RATE).samples
    start = signatures["start"](tf.range(ROWS))
    outputs = signatures["step"](samples, *start.values())
    return {name: outputs[name] for name in start}


def answers(function, inputs):
    """Returns the outputs for inputs, or the message that refuses them."""
    try:
        outputs = function(*inputs.values())
    except tf.errors.InvalidArgumentError as error:
        return error.message
    for value in outputs.values():
        if value.dtype.is_floating:
            assert np.isfinite(value).all()
    return outputs


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("state_0", np.nan, "state_0 is not finite"),
        ("blank", np.inf, "blank is not finite"),
        ("frame_counts", 0, "frame_counts is below 1"),
        ("last", 99, "last has a number that the model does not have"),
        ("states", -1, "states has a number that the model does not have"),
    ],
)
def test_a_state_that_cannot_be_is_refused(
    signatures, state, name, number, message
):
    wrong = {
        **state,
        name: tf.fill(state[name].shape, tf.cast(number, state[name].dtype)),
    }
    for inputs in ({"samples": tf.zeros([ROWS, 80]), **wrong}, wrong):
        function = signatures["step" if "samples" in inputs else "flush"]
        refusal = answers(function, inputs)
        assert f"{message}: pass the outputs of start" in refusal


def test_states_of_other_streams_are_refused(signatures, state):
    samples = tf.zeros([ROWS, 80])
    for name, value in state.items():
        wrong = {"samples": samples, **state, name: value[:1]}
        assert f"{name} has other rows" in answers(signatures["step"], wrong)
    one = {"samples": samples[:1], **state}
    assert "has other rows" in answers(signatures["step"], one)


def test_damaged_samples_become_silence(signatures, state):
    damaged = np.zeros([ROWS, 800], np.float32)
    silent = signatures["step"](tf.constant(damaged), *state.values())
    damaged[:, 100:105] = np.nan, np.inf, -np.inf, 3e38, -3e38
    outputs = answers(
        signatures["step"], {"samples": tf.constant(damaged), **state}
    )
    for name, values in silent.items():
        np.testing.assert_array_equal(outputs[name], values)


def test_no_streams_have_no_answers(signatures):
    state = signatures["start"](tf.zeros([0], tf.int32))
    outputs = signatures["step"](tf.zeros([0, 400]), *state.values())
    state = {name: outputs[name] for name in state}
    outputs |= signatures["flush"](*state.values())
    assert {len(values) for values in outputs.values()} == {0}


def test_damaged_streams_are_answered_or_refused(signatures, state):
    outcomes = damage(signatures, state, 20)
    assert {name: outcomes[name].total() for name in outcomes} == {
        **dict.fromkeys(signatures, 20)
    }


@pytest.mark.extended
def test_a_thousand_damaged_streams_are_answered_or_refused(signatures, state):
    outcomes = damage(signatures, state, 1000)
    print(outcomes)
    assert outcomes["start"]["refused"] == 0
    for name in ("step", "flush"):
        assert min(outcomes[name].values()) > 100


def damage(signatures, state, count):
    """Sends damaged inputs; returns the outcomes of each signature."""
    rng, outcomes = (
        np.random.default_rng(0),
        collections.defaultdict(collections.Counter),
    )
    for _ in range(count):
        samples = rng.normal(0, 0.1, [ROWS, rng.choice([0, 1, 79, 800])])
        inputs = {
            "start": {"stream": tf.range(ROWS)},
            "step": {"samples": tf.constant(samples, tf.float32), **state},
            "flush": state,
        }
        for name, signature in signatures.items():
            specs = dict(zip(inputs[name], signature.input_signature))
            damaged = damaged_input(inputs[name], specs, rng)
            refused = isinstance(answers(signature, damaged), str)
            outcomes[name]["refused" if refused else "answered"] += 1
    return outcomes


def damaged_input(inputs, specs, rng):
    """Returns inputs of which one has odd numbers, or another shape.

    TensorFlow itself refuses shapes that the specs do not allow.
    """
    name = rng.choice(list(inputs))
    array = inputs[name].numpy()
    axes = [i for i, size in enumerate(specs[name].shape) if size is None]
    axis, kind = rng.choice(axes), rng.integers(4)
    if kind == 0:  # Cut, or none.
        array = np.take(array, range(rng.integers(array.shape[axis] + 1)), axis)
    elif kind == 1:
        array = np.concatenate([array, array], axis)
    elif array.size:
        array = _with_odd_value(array, rng)
    return {**inputs, name: tf.constant(array, inputs[name].dtype)}


def _with_odd_value(array, rng):
    flat = array.reshape(-1).copy()
    places = rng.integers(flat.size, size=rng.integers(1, 4))
    if array.dtype == object:
        flat[places] = rng.choice([b"", b"\xff\x00", b"  ", b"a" * 10_000])
    else:
        kind = "int" if array.dtype.kind == "i" else "float"
        flat[places] = rng.choice(NUMBERS[kind])
    return flat.reshape(array.shape)
