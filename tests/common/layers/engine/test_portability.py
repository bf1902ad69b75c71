"""Graphs for other runtimes have plain loops."""

import contextlib

import pytest
import tensorflow as tf

from common import layers
from common.layers._engine import shards


@pytest.mark.parametrize(
    ("context", "has_choice"),
    [(contextlib.nullcontext, True), (layers.portable_graphs, False)],
)
def test_a_portable_graph_does_not_choose_by_its_batch(
    context, has_choice, monkeypatch
):
    monkeypatch.setattr(shards, "MAX_SHARDS", 2)
    layer = layers.GRU(3)
    layer.build((None, 4, 2))
    function = tf.function(
        layer, [tf.TensorSpec([None, 4, 2])], autograph=False
    )
    with context():
        graph = function.get_concrete_function().graph
    kinds = {operation.type for operation in graph.get_operations()}
    assert bool(kinds & {"If", "StatelessIf"}) == has_choice
