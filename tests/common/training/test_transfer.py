"""Weights are copied by path, shape and the names of rows."""

import keras
import numpy as np
import pytest

from common import layers
from common.app_model import NamedRows
from common.training import transfer


class Network(keras.Model):
    """An embedding, recurrent layers and two heads."""

    def __init__(self, words=6, units=3, depth=1, **kwargs):
        super().__init__(**kwargs)
        self.embed = keras.layers.Embedding(words, 4)
        self.read = layers.RecurrentStack("gru", units, depth, True)
        self.norm = keras.layers.BatchNormalization()
        self.drop = keras.layers.Dropout(0.5)
        self.first = keras.layers.Dense(2)
        self.second = keras.layers.Dense(2)
        self.count = self.add_weight(shape=(), trainable=False, name="count")

    def call(self, tokens, training=False):
        states = self.norm(self.read(self.embed(tokens)), training=training)
        states = self.drop(states, training=training)
        return self.first(states) + self.second(states)


def network(seed, **arguments):
    """Returns a network whose weights are all random."""
    model = Network(**arguments)
    model(np.ones((2, 3), "int32"))
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        variable.assign(rng.normal(size=variable.shape))
    return model


PATHS = [
    "embedding/embeddings",
    "recurrent_stack/bidirectional/forward_gru/gru_cell/kernel",
    "recurrent_stack/bidirectional/forward_gru/gru_cell/recurrent_kernel",
    "recurrent_stack/bidirectional/forward_gru/gru_cell/bias",
    "recurrent_stack/bidirectional/backward_gru/gru_cell/kernel",
    "recurrent_stack/bidirectional/backward_gru/gru_cell/recurrent_kernel",
    "recurrent_stack/bidirectional/backward_gru/gru_cell/bias",
    "batch_normalization/gamma",
    "batch_normalization/beta",
    "batch_normalization/moving_mean",
    "batch_normalization/moving_variance",
    "dense/kernel",
    "dense/bias",
    "dense_1/kernel",
    "dense_1/bias",
]


@pytest.mark.extended
def test_paths_do_not_depend_on_the_order_of_creation():
    network(0)
    assert list(transfer.by_path(network(0))) == ["count", *PATHS]
    of_a_part = transfer.by_path(network(0).read)
    assert list(of_a_part) == [
        path.removeprefix("recurrent_stack/") for path in PATHS[1:7]
    ]


def test_copies_all_that_training_changes_but_no_counter():
    first, second = network(0), network(1)
    count = second.count.numpy()
    matches = transfer.copy(first, second)
    assert [match.path for match in matches] == PATHS
    assert all(match.is_taken for match in matches)
    values = transfer.by_path(first)
    for path, variable in transfer.by_path(second).items():
        if path != "count":
            np.testing.assert_array_equal(variable, values[path])
    assert second.count.numpy() == count != first.count.numpy()
    assert transfer.lines(matches) == ["Taken: 15 of 15 variables."]


@pytest.mark.extended
def test_copies_nothing_to_layers_that_are_not_trained():
    first, second = network(0), network(1)
    second.read.trainable = second.norm.trainable = False
    before = [variable.numpy() for variable in second.read.weights]
    matches = transfer.copy(first, second)
    assert [m.path for m in matches] == [PATHS[0], *PATHS[-4:]]
    for variable, value in zip(second.read.weights, before, strict=True):
        np.testing.assert_array_equal(variable, value)


@pytest.mark.extended
def test_takes_from_layers_that_the_start_does_not_train():
    first, second = network(0), network(1)
    first.trainable = False
    assert len(transfer.copy(first, second)) == len(PATHS)
    np.testing.assert_array_equal(first.first.kernel, second.first.kernel)


def test_other_shapes_and_further_layers_are_created():
    first, second = network(0), network(1, units=5, depth=2)
    matches = transfer.copy(first, second)
    notes = {match.path: match for match in matches}
    kernel = notes[PATHS[1]]
    assert kernel == (PATHS[1], (4, 15), False, "the start has (4, 9)")
    deeper = notes[PATHS[1].replace("bidirectional", "bidirectional_1")]
    assert deeper.note == "not in the start"
    lines = transfer.lines(matches)
    assert lines[0] == "Taken: 3 of 21 variables."
    assert f"  created: {kernel.path} (4, 15), the start has (4, 9)" in lines
    assert transfer.fits(matches)


@pytest.mark.parametrize(
    ("words", "expected"),
    [(6, True), pytest.param(7, False, marks=pytest.mark.extended)],
)
def test_biases_alone_do_not_fit(words, expected):
    first, second = network(0), network(1, words=words, units=5)
    matches = transfer.copy(first, second)
    assert any(match.is_taken for match in matches)
    assert transfer.fits(matches) == expected


def rows(model, words, labels):
    return {
        "words": NamedRows(words, [(model.embed.embeddings, 0)]),
        "labels": NamedRows(
            labels, [(model.first.kernel, 1), (model.first.bias, 0)]
        ),
    }


def test_rows_are_taken_by_name():
    first, second = network(0), network(1, words=5)
    old = second.embed.embeddings.numpy()
    old_bias = second.first.bias.numpy()
    matches = transfer.copy(
        first,
        second,
        rows(first, [0, "a", "b", "c", "d", "e"], ["neg", "pos"]),
        rows(second, [0, "d", "x", "b", "y"], ["pos", "other"]),
    )
    new, start = second.embed.embeddings.numpy(), first.embed.embeddings.numpy()
    np.testing.assert_array_equal(new[[0, 1, 3]], start[[0, 4, 2]])
    np.testing.assert_array_equal(new[[2, 4]], old[[2, 4]])
    np.testing.assert_array_equal(
        second.first.kernel[:, 0], first.first.kernel[:, 1]
    )
    assert second.first.bias.numpy().tolist() == [
        first.first.bias.numpy()[1],
        old_bias[1],
    ]
    lines = transfer.lines(matches)
    assert "  taken in part: embedding/embeddings, 3 of 5 words" in lines
    assert "  taken in part: dense/bias, 1 of 2 labels" in lines


@pytest.mark.extended
def test_rows_of_another_size_are_created():
    first, second = network(0), network(1, units=5)
    names = list("abcdef"), ["neg", "pos"]
    matches = transfer.copy(
        first, second, rows(first, *names), rows(second, *names)
    )
    (kernel,) = [match for match in matches if match.path == "dense/kernel"]
    assert kernel.note == "the start has (6, 2)"
    assert not kernel.is_taken
