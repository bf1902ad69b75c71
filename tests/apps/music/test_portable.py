"""Exported composers compose like the model, without TensorFlow."""

import json

import numpy as np
import pytest
import tensorflow as tf

from apps.music import Music
from tests import variants
from tests.apps import exporting
from tests.apps.music import tiny


@pytest.fixture(scope="module", params=variants.extended(["nade", "voices"]))
def network(request):
    return request.param


@pytest.fixture(scope="module", params=variants.extended(["litert", "onnx"]))
def exported(request, network, tmp_path_factory):
    """Returns the folder of an export, compared on pieces."""
    name = "voices" if network == "voices" else "roll"
    make = tiny.voices if network == "voices" else tiny.roll
    pieces = {name: make(5, rows=2).numpy()}
    return exporting.export(
        Music,
        tiny.composer(network),
        (pieces, {**pieces, "frames_per_beat": np.array([2, 2])}),
        tmp_path_factory.mktemp("saved_models"),
        format=request.param,
        network=network,
    )


def test_frames_have_the_logits_of_the_model(exported):
    report = json.loads((exported / "report.json").read_text())
    assert report["comparison"]["examples"] == 2
    assert report["comparison"]["largest_difference"] < 1e-4


def test_the_example_draws_from_the_distribution_of_the_model(exported):
    """With the same random numbers, the frames of the model."""
    settings = json.loads((exported / "preprocessing.json").read_text())
    if settings["network"] == "voices":
        pytest.skip("The example composes rolls.")
    lines = exporting.run_example(exported, "music", "6")
    model, rng = tiny.composer("nade"), np.random.default_rng(0)
    states = model.network.zero_states(1)
    previous = tf.fill([1, 88], -1)
    for line in lines:
        vectors, states = model.network.step(previous, states)
        uniforms = tf.constant(rng.random([1, 88]), tf.float32)
        previous = model.head.draw(vectors, uniforms, 1.0, 1.0)
        assert len(line.split()) == int(tf.reduce_sum(previous))
    assert len(lines) == 6
