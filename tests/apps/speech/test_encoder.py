"""Tests of the network: whole recordings, padding, streams."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from apps.speech.model import encoder
from common.audio import decode
from tests import variants

RATE = 8000
MODELS = ("model", "forward_model")


@pytest.mark.parametrize("name", variants.extended(MODELS, "model"))
def test_padding_has_no_influence(request, wav_files, name):
    run = logits_of(request.getfixturevalue(name))
    together, steps = run(*read(list(wav_files.values())))
    for row, (count, content) in enumerate(wav_files.items()):
        assert steps[row] == math.ceil(math.ceil(count / 80) / 2)
        alone, _ = run(*read([content]))
        np.testing.assert_allclose(
            together[row, : steps[row]], alone[0, : steps[row]], atol=1e-5
        )


@pytest.mark.parametrize(
    "lookahead", [4, pytest.param(0, marks=pytest.mark.extended)]
)
def test_a_stream_has_the_logits_of_the_whole(
    create, forward_model, wav_files, lookahead
):
    model = forward_model
    if lookahead != model.arguments.lookahead:
        model = create(bidirectional=False, lookahead=lookahead)
    run, functions = logits_of(model), stream_functions(model)
    for chunk, count in [(7, 100), (77, 3000), (800, 8123), (30_000, 8123)]:
        samples, counts = read([wav_files[count]])
        whole, steps = run(samples, counts)
        streamed = stream(model, functions, samples, chunk)
        assert streamed.shape[1] == steps[0]
        np.testing.assert_allclose(
            streamed, whole[:, : steps[0]], rtol=1e-5, atol=1e-5
        )


def test_the_network_waits_for_the_steps_of_the_lookahead(
    forward_model, wav_files
):
    run = logits_of(forward_model)
    samples, counts = read([wav_files[8123]])
    whole, _ = run(samples, counts)
    # The first sample of a frame that step 30 does not read.
    last_frame = 2 * (30 + 4) + encoder.AFTER
    samples[:, 80 * last_frame + 140 :] = 0
    other, _ = run(samples, counts)
    np.testing.assert_allclose(other[:, :31], whole[:, :31], atol=1e-6)
    assert np.abs(other[:, 31] - whole[:, 31]).max() > 1e-3


@pytest.mark.extended
def test_reads_in_both_directions(model, wav_files):
    run = logits_of(model)
    samples, counts = read([wav_files[8123]])
    whole, _ = run(samples, counts)
    samples[:, -400:] *= 3
    other, _ = run(samples, counts)
    assert np.abs(other[:, 0] - whole[:, 0]).max() > 1e-6


def read(contents):
    recordings = decode.read(contents, RATE)
    return recordings.samples.numpy(), recordings.counts.numpy()


@functools.cache  # To trace a function takes seconds.
def logits_of(model):
    """Returns a function from samples and counts to logits and steps."""
    function = tf.function(
        lambda samples, counts: model({"samples": samples, "counts": counts}),
        input_signature=[
            tf.TensorSpec([None, None], tf.float32),
            tf.TensorSpec([None], tf.int32),
        ],
        autograph=False,
    )
    return lambda *inputs: tuple(value.numpy() for value in function(*inputs))


def stream(model, functions, samples, chunk):
    """Returns the logits of chunks of a stream, (1, steps, tokens)."""
    step, flush = functions
    features, state = (
        part.initial_state(1) for part in (model.features, model.encoder)
    )
    parts = []
    for begin in range(0, samples.shape[1], chunk):
        part, features, state = step(
            samples[:, begin : begin + chunk], features, state
        )
        parts.append(part)
    return np.concatenate([*parts, *flush(features, state)], 1)


def stream_functions(model):
    """Returns compiled functions for chunks of any length, and for the end."""
    specs = tf.nest.map_structure(
        _spec, (model.features.initial_state(1), model.encoder.initial_state(1))
    )

    def step(samples, features, state):
        frames, features = model.features.step(samples, features)
        states, state = model.encoder.step(frames, state)
        return model.decoder.head(states), features, state

    def flush(features, state):
        states, state = model.encoder.step(
            model.features.flush(features), state
        )
        rest = model.encoder.flush(state)
        return model.decoder.head(states), model.decoder.head(rest)

    samples = tf.TensorSpec([1, None], tf.float32)
    return (
        tf.function(step, input_signature=[samples, *specs], autograph=False),
        tf.function(flush, input_signature=[*specs], autograph=False),
    )


def _spec(tensor):
    """Returns a spec with any number of samples, frames or steps."""
    shape = tensor.shape.as_list()
    if len(shape) == 3 or tensor.shape[1] == 60:
        shape[1] = None
    return tf.TensorSpec(shape, tensor.dtype)
