"""convert: outputs of NumPy and Keras agree, also after a round trip."""

import keras
import numpy as np
import pytest

from common.layers import convert

N, FEATURES = 3, 2
RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(4, 5, FEATURES)).astype("f4")
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
LAYERS = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "rnn": keras.layers.SimpleRNN,
}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_of_torch(x, h, c, wi, wh, bi, bh):
    i, f, g, o = np.split(x @ wi.T + bi + h @ wh.T + bh, 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_of_torch(x, h, c, wi, wh, bi, bh):
    ri, zi, ni = np.split(x @ wi.T + bi, 3, -1)
    rh, zh, nh = np.split(h @ wh.T + bh, 3, -1)
    r, z = sigmoid(ri + rh), sigmoid(zi + zh)
    return (1 - z) * np.tanh(ni + r * nh) + z * h, c


def rnn_of_torch(x, h, c, wi, wh, bi, bh):
    return np.tanh(x @ wi.T + bi + h @ wh.T + bh), c


STEPS = {"lstm": lstm_of_torch, "gru": gru_of_torch, "rnn": rnn_of_torch}


def torch_state(kind, suffix="_l0"):
    gates = GATES[kind] * N
    shapes = {
        "weight_ih": (gates, FEATURES),
        "weight_hh": (gates, N),
        "bias_ih": (gates,),
        "bias_hh": (gates,),
    }
    return {
        name + suffix: RNG.normal(size=shape).astype("f4")
        for name, shape in shapes.items()
    }


def run_torch(kind, weights):
    """Returns the last output by the equations in PyTorch's documentation."""
    h = c = np.zeros((len(INPUTS), N))
    for t in range(INPUTS.shape[1]):
        h, c = STEPS[kind](INPUTS[:, t], h, c, *weights)
    return h


def run_keras(kind, weights, **options):
    layer = LAYERS[kind](N, use_bias=len(weights) == 3, **options)
    layer.build(INPUTS.shape)
    layer.set_weights(weights)
    return layer(INPUTS)


def gru_weights(reset_after, use_bias=True):
    bias = (2, 3 * N) if reset_after else (3 * N,)
    shapes = [(FEATURES, 3 * N), (N, 3 * N), bias][: 2 + use_bias]
    return [RNG.normal(size=shape).astype("f4") for shape in shapes]


@pytest.mark.parametrize("suffix", ["_l0", "_l1_reverse"])
@pytest.mark.parametrize("kind", STEPS)
def test_keras_computes_what_torch_documents(kind, suffix):
    state = torch_state(kind, suffix)
    where = {"layer": int(suffix[2]), "reverse": "reverse" in suffix}
    weights = convert.from_torch(kind, state, **where)
    expected = run_torch(kind, state.values())
    np.testing.assert_allclose(run_keras(kind, weights), expected, atol=1e-6)
    back = convert.to_torch(kind, weights, **where)
    assert list(back) == list(state)
    again = run_torch(kind, back.values())
    np.testing.assert_allclose(again, expected, atol=1e-6)


@pytest.mark.parametrize("kind", STEPS)
def test_a_module_without_bias_converts_to_a_layer_without_bias(kind):
    state = dict(list(torch_state(kind).items())[:2])
    weights = convert.from_torch(kind, state)
    expected = run_torch(kind, [*state.values(), 0, 0])
    np.testing.assert_allclose(run_keras(kind, weights), expected, atol=1e-6)
    back = convert.to_torch(kind, weights)
    for name, array in state.items():
        np.testing.assert_array_equal(back[name], array)


@pytest.mark.parametrize("kind", STEPS)
def test_keras_weights_survive_a_round_trip_through_torch(kind):
    layer = LAYERS[kind](N, bias_initializer="normal")
    layer.build(INPUTS.shape)
    weights = layer.get_weights()
    again = convert.from_torch(kind, convert.to_torch(kind, weights))
    for a, b in zip(again, weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("use_bias", [True, False])
def test_both_formats_agree_for_a_diagonal_candidate(use_bias):
    before = gru_weights(False, use_bias)
    before[1][:, 2 * N :] = np.diag([0.5, -2, 1])
    after = convert.gru_before_to_after(before)
    expected = run_keras("gru", before, reset_after=False)
    np.testing.assert_allclose(run_keras("gru", after), expected, atol=1e-6)
    for a, b in zip(convert.gru_after_to_before(after), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_formats_differ_for_other_candidates():
    before = gru_weights(False)
    after = convert.gru_before_to_after(before)
    outputs = run_keras("gru", before, reset_after=False)
    assert np.abs(run_keras("gru", after) - outputs).max() > 0.01


def test_a_recurrent_bias_of_the_candidate_cannot_be_converted():
    after = gru_weights(True)
    with pytest.raises(ValueError, match="keep reset_after=True"):
        convert.gru_after_to_before(after)
    after[2][1, 2 * N :] = 0
    before = convert.gru_after_to_before(after)
    np.testing.assert_array_equal(before[2], after[2][0] + after[2][1])


def gru_of_chung(x, h, kernel, recurrent, bias):
    """Returns the next state; the update gate weights the candidate."""
    bx, bh = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    zx, rx, nx = np.split(x @ kernel + bx, 3, -1)
    zh, rh, nh = np.split(h @ recurrent + bh, 3, -1)
    z, r = sigmoid(zx + zh), sigmoid(rx + rh)
    nh = r * nh if bias.ndim == 2 else (r * h) @ recurrent[:, 2 * N :]
    return (1 - z) * h + z * np.tanh(nx + nh)


@pytest.mark.parametrize("reset_after", [True, False])
def test_a_flipped_update_gate_has_the_opposite_meaning(reset_after):
    weights = gru_weights(reset_after)
    flipped = convert.gru_flip_update_gate(weights)
    h = np.zeros((len(INPUTS), N))
    for t in range(INPUTS.shape[1]):
        h = gru_of_chung(INPUTS[:, t], h, *flipped)
    outputs = run_keras("gru", weights, reset_after=reset_after)
    np.testing.assert_allclose(outputs, h, atol=1e-6)
    for a, b in zip(convert.gru_flip_update_gate(flipped), weights):
        np.testing.assert_array_equal(a, b)


def test_the_arguments_are_not_modified():
    weights = gru_weights(True)
    copies = [array.copy() for array in weights]
    convert.gru_flip_update_gate(weights)
    convert.to_torch("gru", weights)["weight_hh_l0"][:] = 0
    for array, copy in zip(weights, copies):
        np.testing.assert_array_equal(array, copy)


def test_errors_name_what_a_state_lacks():
    state = torch_state("gru")
    with pytest.raises(ValueError, match="No weight_ih_l1 in the state"):
        convert.from_torch("gru", state, layer=1)
    with pytest.raises(ValueError, match="weight_ih_l0 has shape"):
        convert.from_torch("lstm", state)
    with pytest.raises(ValueError, match="weight_hr_l0.*proj_size"):
        convert.from_torch("lstm", {"weight_hr_l0": np.zeros((2, 3))})
    del state["bias_hh_l0"]
    with pytest.raises(ValueError, match="No bias_hh_l0"):
        convert.from_torch("gru", state)
    with pytest.raises(ValueError, match="use one of"):
        convert.from_torch("tree", state)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(2, 9)], "1 arrays"),
        ([(2, 9), (3, 8)], r"recurrent_kernel .*should be \(3, 9\)"),
        ([(2, 8), (3, 9)], r"kernel .*should be \(2, 9\)"),
        ([(2, 9), (3, 9), (9,)], r"reset_after=True.*should be \(2, 9\)"),
    ],
)
def test_weights_of_another_shape_raise(shapes, message):
    with pytest.raises(ValueError, match=message):
        convert.to_torch("gru", [np.zeros(shape) for shape in shapes])


def test_the_other_format_of_the_bias_raises():
    with pytest.raises(ValueError, match=r"reset_after=False.*be \(9,\)"):
        convert.gru_before_to_after(gru_weights(True))
