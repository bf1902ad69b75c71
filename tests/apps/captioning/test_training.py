"""Captions become training inputs; all parts of the network are trained."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.captioning.config import CaptioningConfig
from apps.captioning.model import training_tools
from apps.captioning.model.encoder import ENCODERS
from apps.captioning.model.encoder import Encoder
from apps.captioning.model.spatial_context import Surroundings
from common.data import batching
from common.errors import UserError
from common.text import byte_tokenizer
from common.training import train_step
from common.training import transfer


def test_captions_are_normalized():
    text = tf.constant([" A man's DOG, two-tone .", "Ça va?! (très)", "\xff"])
    plain = [t.decode() for t in training_tools.normalized(text).numpy()]
    assert plain[:2] == ["a man's dog two-tone", "ça va très"]


def test_a_training_input_has_all_captions_of_a_picture(model):
    captions = tf.constant([["a small red circle", "a red circle"], ["a", ""]])
    tokens = model.tools.inputs.tokens(captions).to_tensor().numpy()
    assert tokens.shape == (2, 6, 5)
    first = tokens[0].T
    assert model.target.join(first).numpy().tolist() == [
        b"a small red circle",
        b"a red circle",
        b"",
        b"",
        b"",
    ]
    assert first[1].tolist()[0] == byte_tokenizer.START
    assert first[1].tolist()[4:] == [byte_tokenizer.END, 0]
    assert not first[2:].any()


def inputs_of(model, examples):
    """Returns the inputs of a training step of four pictures."""
    x, y = next(iter(examples.batch(4)))
    (inputs,) = model.preprocess(x, y)
    return {**inputs, "captions": inputs["captions"].to_tensor()}


def gradients(model, inputs):
    """Returns the gradient of each trainable variable at the first step."""
    model.optimizer.build(model.trainable_variables)
    with tf.GradientTape() as tape:
        outputs = model(inputs, training=True)
        loss = model.compute_loss(inputs, None, outputs)
    assert np.isfinite(loss)
    variables = [variable.value for variable in model.trainable_variables]
    return tape.gradient(loss, variables)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {
                "doubly_stochastic": 1.0,
                "label_smoothing": 0.1,
                "teacher_forcing": 0.0,
                "tokenizer": "subwords",
            },
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"attention": "none", "depth": 2, "cell": "gru"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"attention": "luong", "input_feeding": True, "tied": False},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {
                "self_critical_epochs": 10,
                "teacher_forcing": 0.5,
                "label_smoothing": 0.1,
            },
            marks=pytest.mark.slow,
        ),
    ],
    ids=str,
)
def test_the_loss_depends_on_all_weights(create, examples, options):
    model = create(**options)
    values = gradients(model, inputs_of(model, examples))
    for variable, value in zip(model.trainable_variables, values):
        assert value is not None, variable.path
        assert np.any(tf.convert_to_tensor(value)), variable.path


@pytest.mark.slow
def test_a_training_step_changes_all_weights(create, examples):
    model = create(self_critical_epochs=10, teacher_forcing=0.5)
    config = CaptioningConfig(batch_size=4)
    batches, _ = batching.training_batches(examples, model, config)
    model.optimizer.build(model.trainable_variables)
    before = [v.numpy() for v in model.trainable_variables]
    train_step.test_step(model, batches.element_spec)
    step = train_step.training_step(
        model, 1.0, keras.metrics.Mean(), batches.element_spec
    )
    assert step(next(iter(batches))) == -1
    for old, variable in zip(before, model.trainable_variables):
        assert np.any(old != variable.numpy()), variable.path


@pytest.mark.extended
def test_attention_that_misses_places_has_a_cost(create, examples):
    model = create(dropout=0.0, doubly_stochastic=2.0)
    inputs = inputs_of(model, examples)
    model.tools = training_tools.TrainingTools(model, np.array([[b"a"]]))
    model.tools._arguments = dataclasses.replace(
        model.arguments, drawn=model.arguments.captions
    )
    *_, cost = model(inputs, training=True)
    grid = model.encoder(tf.cast(inputs["image"], tf.float32), training=True)
    memory, states = model.encode(grid, training=True)
    memory, *states = (
        tf.repeat(value, model.arguments.captions, 0)
        for value in (memory, *states)
    )
    tokens = tf.transpose(inputs["captions"], [0, 2, 1])
    tokens = tf.reshape(tokens, [len(memory), -1])
    _, alignments = model.decoder(tokens[:, :-1], memory, None, states)
    squares = []
    for row, attention in zip(tokens.numpy(), alignments.numpy()):
        total = attention[: np.count_nonzero(row[1:])].sum(0)
        squares.append(np.mean((1 - total) ** 2))
    np.testing.assert_allclose(cost, 2 * np.mean(squares), rtol=1e-4)


# The encoder.


@pytest.mark.slow
def test_a_fixed_encoder_computes_features_once(
    create, examples, scenes, weights, monkeypatch
):
    model = create(encoder="mobilenet_025", encoder_weights=str(weights))
    network_weights = model.encoder.network.get_weights()
    cache, calls = model.tools.inputs.cache, []
    compute = cache.compute
    monkeypatch.setattr(
        cache,
        "compute",
        lambda contents: calls.append(len(contents)) or compute(contents),
    )
    (inputs,) = next(iter(model.batches(examples, 24)(None)))
    contents = examples.map(lambda x, y: x["image_bytes"])
    cache.fill(contents)
    assert sum(calls) == 24
    captions = [
        [c.decode() for c in model.target.join(tf.transpose(t)).numpy()]
        for t in inputs["captions"]
    ]
    order = [[texts for _, texts in scenes].index(c) for c in captions]
    files = tf.gather(tf.constant([png for png, _ in scenes]), order)
    expected, readable = model.features(files)
    assert tf.reduce_all(readable)
    np.testing.assert_allclose(inputs["image"], expected, atol=1e-5)

    # A truncated file of the cache is computed again.
    file, *_ = cache.folder.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    cache.fill(contents)
    assert sum(calls) == 25
    assert file.read_bytes() == content

    # The encoder is not trained.
    assert not model.encoder.trainable_variables
    few = {name: value[:2] for name, value in inputs.items()}
    assert all(value is not None for value in gradients(model, few))
    for old, new in zip(network_weights, model.encoder.network.get_weights()):
        np.testing.assert_array_equal(old, new)


@pytest.mark.extended
def test_an_encoder_that_is_not_trained_is_not_taken_from_a_start(
    create, weights, monkeypatch
):
    start = create(encoder="mobilenet_025")
    monkeypatch.setattr(training_tools, "FeatureCache", lambda *_: None)
    fixed, tuned = (
        create(
            encoder="mobilenet_025",
            encoder_weights=str(weights),
            fine_tune=fine_tune,
        )
        for fine_tune in (False, True)
    )
    for model in (fixed, tuned):
        before = model.encoder.network.get_weights()
        transfer.copy(start, model)
        after = model.encoder.network.get_weights()
        expected = (
            start.encoder.network.get_weights() if model is tuned else before
        )
        for value, other in zip(after, expected, strict=True):
            np.testing.assert_array_equal(value, other)
        np.testing.assert_array_equal(model.bridge.kernel, start.bridge.kernel)


@pytest.mark.slow
def test_fine_tuning_trains_the_encoder_and_keeps_its_averages(
    create, examples, weights
):
    model = create(
        encoder="mobilenet_025", encoder_weights=str(weights), fine_tune=True
    )
    network = model.encoder.network
    averages = [v.numpy() for v in network.non_trainable_variables]
    paths = {variable.path for variable in network.trainable_variables}
    values = gradients(model, inputs_of(model, examples))
    for variable, value in zip(model.trainable_variables, values):
        if variable.path in paths:
            assert np.any(value), variable.path
    for old, variable in zip(averages, network.non_trainable_variables):
        np.testing.assert_array_equal(old, variable)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"encoder_weights": "none.h5"},
            "--encoder_weights=none.h5 does not exist",
        ),
        ({"encoder_weights": __file__}, "trained from scratch"),
        pytest.param(
            {"encoder_weights": __file__, "encoder": "mobilenet_025"},
            "cannot be loaded into --encoder=mobilenet_025",
            marks=pytest.mark.extended,
        ),
    ],
)
def test_unsuitable_weights_are_refused(create, options, message):
    with pytest.raises(UserError, match=message):
        create(**options)


def test_the_choices_of_the_option_are_the_encoders():
    fields = {f.name: f for f in dataclasses.fields(CaptioningConfig)}
    assert fields["encoder"].metadata["choices"] == list(ENCODERS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENCODERS)
def test_every_encoder_distinguishes_pictures(kind):
    encoder = Encoder(kind, 96, True)
    pixels = tf.random.stateless_uniform([2, 96, 96, 3], [0, 1]) * 255
    first, second = encoder(pixels).numpy()
    assert first.shape == encoder.grid_shape
    assert np.isfinite(first).all()
    assert np.any(first != second)


def test_a_place_depends_on_its_row_and_its_column():
    layer = Surroundings(5, 8)
    layer.build((None, None, 3))
    grid = np.random.default_rng(0).normal(size=(1, 5, 5, 3))
    exchanged = grid.copy()  # With the same mean and variance.
    exchanged[0, 1, 3], exchanged[0, 2, 0] = grid[0, 2, 0], grid[0, 1, 3]
    first, second = (
        layer(value.reshape(1, 25, 3).astype("f4")).numpy().reshape(5, 5, -1)
        for value in (grid, exchanged)
    )
    assert first.shape == (5, 5, layer.size) == (5, 5, 16)
    expected = np.zeros([5, 5], bool)
    expected[[1, 2]] = expected[:, [3, 0]] = True
    differs = np.abs(first - second).max(-1) > 1e-5
    np.testing.assert_array_equal(differs, expected)
