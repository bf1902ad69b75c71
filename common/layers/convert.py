"""Conversion of the weights of recurrent layers between conventions.

Weights are lists of NumPy arrays as `layer.get_weights()` returns them:
[kernel (features, gates * n), recurrent_kernel (n, gates * n), bias], without
the bias if the layer has none. The arguments are never modified.
"""

import numpy as np

# PyTorch's gate blocks in the order of Keras, and vice versa.
# LSTM: i, f, g, o in both. GRU: r, z, n in PyTorch, and z, r, n in Keras.
BLOCKS = {"lstm": (0, 1, 2, 3), "gru": (1, 0, 2), "rnn": (0,)}


def gru_before_to_after(weights: list[np.ndarray]) -> list[np.ndarray]:
    r"""Converts the weights of a GRU to the format of reset_after=True.

    The gates z and r are unchanged. The candidate in general is not: it was
    $\tanh(x W + b + (r \odot h) U)$ and becomes
    $\tanh(x W + b + r \odot (h U))$. The two are equal if $U_{ij}$ is 0 for
    all units i and j whose reset gates differ, e.g. with a diagonal U.
    Otherwise the new layer computes a different function, and is at most an
    initialization for training.

    Args:
      weights: of `keras.layers.GRU(n, reset_after=False)`: the bias is (3n,).
        It becomes (2, 3n), with zeros for the recurrent bias.

    Raises:
      ValueError: an array has an unexpected shape.
    """
    kernel, recurrent, *bias = _check_weights("gru", weights, reset_after=False)
    bias = [np.stack([b, np.zeros_like(b)]) for b in bias]
    return [kernel.copy(), recurrent.copy(), *bias]


def gru_after_to_before(weights: list[np.ndarray]) -> list[np.ndarray]:
    """Converts the weights of a GRU to the format of reset_after=False.

    The two biases are added. The gates z and r are unchanged; for the
    candidate, see `gru_before_to_after`.

    Args:
      weights: of `keras.layers.GRU(n)`, whose bias is (2, 3n).

    Raises:
      ValueError: an array has an unexpected shape; or the recurrent bias of
        the candidate is not zero: the new format cannot represent it.
    """
    kernel, recurrent, *bias = _check_weights("gru", weights, reset_after=True)
    candidate = slice(2 * len(recurrent), None)
    for b in bias:
        if np.any(b[1, candidate]):
            largest = np.abs(b[1, candidate]).max()
            raise ValueError(
                f"The recurrent bias of the candidate is up to {largest:.2g}, "
                "and with reset_after=False there is none: keep "
                "reset_after=True, or set bias[1, 2n:] to zero and fine-tune."
            )
    return [kernel.copy(), recurrent.copy(), *[b.sum(0) for b in bias]]


def gru_flip_update_gate(weights: list[np.ndarray]) -> list[np.ndarray]:
    r"""Converts weights to the opposite meaning of the update gate.

    Keras and PyTorch: $h_t = z \odot h_{t-1} + (1 - z) \odot \tilde h$; Chung
    et al. (2014): $h_t = (1 - z) \odot h_{t-1} + z \odot \tilde h$. As
    $\sigma(-a) = 1 - \sigma(a)$, the columns of z change their sign. This is
    exact (also with hard_sigmoid), and its own inverse.

    Args:
      weights: of a GRU, gates in the order of Keras: z, r, candidate. The
        bias is (3n,) or (2, 3n).

    Raises:
      ValueError: an array has an unexpected shape.
    """
    weights = [array.copy() for array in _check_weights("gru", weights)]
    update = slice(len(weights[1]))
    for array in weights:
        array[..., update] *= -1
    return weights


def from_torch(
    kind: str,
    state: dict[str, np.ndarray],
    layer: int = 0,
    reverse: bool = False,
) -> list[np.ndarray]:
    """Converts the weights of a PyTorch layer for Keras.

    The GRU is one with reset_after=True. LSTM and RNN of PyTorch have two
    biases that are only ever added: Keras has their sum. The state does not
    hold the activation of an RNN, tanh or relu.

    Args:
      kind: "lstm", "gru" or "rnn", for nn.LSTM, nn.GRU or nn.RNN.
      state: dict from names such as `weight_ih_l0` to arrays: the state dict
        of the module, `{name: value.numpy() for …}`. Its biases may be missing.
      layer: int; index of the layer in the module.
      reverse: whether to convert the backward half of a bidirectional module.

    Raises:
      ValueError: `kind` is unknown; a name is missing or an array has an
        unexpected shape; the LSTM has projections (proj_size).
    """
    order, names = _blocks(kind), _names(layer, reverse)
    projection = names[1].replace("hh", "hr")
    if projection in state:
        raise ValueError(f"{projection}: Keras has no LSTM with proj_size.")
    if not {*names[2:]} & {*state}:
        names = names[:2]
    missing = [name for name in names if name not in state]
    if missing:
        raise ValueError(f"No {missing[0]} in the state, only {[*state]}.")
    arrays = [np.asarray(state[name]) for name in names]
    n = arrays[1].shape[-1]
    shapes = [(len(order) * n, arrays[0].shape[-1]), (len(order) * n, n)]
    for name, array, shape in zip(names, arrays, shapes + [shapes[0][:1]] * 2):
        _check_shape(name, array, shape)
    arrays = [_permute(array.T, order) for array in arrays]
    if len(arrays) == 2:
        return arrays
    biases = np.stack(arrays[2:])
    return [*arrays[:2], biases if kind == "gru" else biases.sum(0)]


def to_torch(
    kind: str,
    weights: list[np.ndarray],
    layer: int = 0,
    reverse: bool = False,
) -> dict[str, np.ndarray]:
    """Converts the weights of a Keras layer to a PyTorch state.

    Apply `torch.as_tensor` to each array for `module.load_state_dict`.
    The bias of an LSTM or RNN becomes bias_ih; bias_hh is zero.

    Args:
      kind: "lstm", "gru" or "rnn", for LSTM, GRU or SimpleRNN. A GRU without
        bias is taken to be one with reset_after=True.
      weights: list of arrays.
      layer: int; index of the layer in the module.
      reverse: whether it is the backward half of a bidirectional module.

    Raises:
      ValueError: `kind` is unknown; an array has an unexpected shape, e.g. the
        bias of a GRU with reset_after=False: see `gru_before_to_after`.
    """
    order = _blocks(kind)
    kernel, recurrent, *bias = _check_weights(kind, weights, reset_after=True)
    if bias:
        b = bias[0]
        bias = [*b] if kind == "gru" else [b, np.zeros_like(b)]
    arrays = [_permute(a, order).T.copy() for a in (kernel, recurrent, *bias)]
    return dict(zip(_names(layer, reverse), arrays))


def _blocks(kind):
    if kind not in BLOCKS:
        raise ValueError(f"kind={kind!r}: use one of {sorted(BLOCKS)}.")
    return BLOCKS[kind]


def _names(layer, reverse):
    suffix = f"_l{layer}{'_reverse' if reverse else ''}"
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return [name + suffix for name in names]


def _permute(array, order):
    blocks = np.split(array, len(order), -1)
    return np.concatenate([blocks[i] for i in order], -1)


def _check_weights(kind, weights, reset_after=None):
    """Returns weights of Keras as arrays, after checking their shapes.

    Args:
      kind: a key of BLOCKS.
      weights: list of arrays.
      reset_after: the format of the bias of a GRU; None accepts either.
    """
    arrays = [np.asarray(array) for array in weights]
    if len(arrays) not in (2, 3):
        raise ValueError(
            f"{len(arrays)} arrays: use [kernel, recurrent_kernel, bias], "
            "or the first two for a layer without bias."
        )
    n, width = arrays[1].shape[0], len(BLOCKS[kind]) * arrays[1].shape[0]
    _check_shape("recurrent_kernel", arrays[1], (n, width))
    _check_shape("kernel", arrays[0], (arrays[0].shape[0], width))
    for bias in arrays[2:]:
        after = bias.ndim == 2 if reset_after is None else reset_after
        name = f"bias (reset_after={after})" if kind == "gru" else "bias"
        two_biases = kind == "gru" and after
        _check_shape(name, bias, (2, width) if two_biases else (width,))
    return arrays


def _check_shape(name, array, shape):
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: should be {shape}.")
