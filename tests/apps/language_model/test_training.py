"""The network, its loss, and its optimizers."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.language_model import LanguageModel
from apps.language_model.config import LanguageModelConfig
from apps.language_model.model import language_model
from apps.language_model.model import nt_asgd
from apps.language_model.model import optimizer as optimizer_lib
from apps.language_model.model import sampled_softmax
from apps.language_model.model import streams
from common.training import trainer
from common.training.state import State
from tests.apps.language_model.tiny import WORDS
from tests.apps.language_model.tiny import build_model
from tests.apps.language_model.tiny import one_window


def test_the_state_is_carried_from_window_to_window():
    model = build_model()
    ids = np.tile(np.arange(10, dtype=np.int32), 4)[:39]
    nats = sum(
        np.prod(model.cross_entropy(y, model(x)), dtype=float)
        for x, y in streams.windows(ids, 2, 5, False)(None)
    )
    ((x, y),) = streams.windows(ids, 2, 20, False)(None)
    mean, count = model.cross_entropy(y, model(x))
    assert count == 39
    np.testing.assert_allclose(nats, mean * count, rtol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {"cell": "gru", "depth": 2, "hidden_dropout": 0.5, "tied": False},
            marks=pytest.mark.extended,
        ),
        {
            "cell": "time_skip",
            "locked_dropout": False,
            "dropout": 0.5,
            "input_dropout": 0.5,
            "samples": 4,
        },
        {
            "weight_dropout": 0.5,
            "embedding_dropout": 0.5,
            "activation_penalty": 2.0,
            "change_penalty": 1.0,
            "vary_unroll": True,
        },
    ],
)
def test_every_option_trains_all_weights_and_predicts(options):
    model = build_model(**options)
    model.compile("sgd", run_eagerly=True)
    ids = np.arange(40, dtype=np.int32) % 10
    before = [w.numpy() for w in model.trainable_weights]
    # One window: XLA compiles the layers for each length.
    ((x, y),) = streams.windows(ids, 2, 20, model.arguments.vary_unroll)(3)
    model.train_on_batch(x, y)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        assert not np.array_equal(old, weight), weight.path
    logits, states = model.network.step(
        tf.constant([2, 3, 4]), model.network.zero_states(3)
    )
    assert logits.shape == (3, 10)
    assert [s.shape for s in states] == [
        (3, size) for size in sum(model.network.state_sizes, [])
    ]


@pytest.mark.parametrize("name", ["sgd", "adam", "nt_asgd"])
def test_a_window_scales_the_whole_step_of_the_optimizer(name):
    """Weight decay included."""
    config = LanguageModelConfig(
        optimizer=name, vary_unroll=True, weight_decay=0.1
    )

    def change(share):
        weight = keras.Variable([1.0, 2.0])
        chosen, rate = optimizer_lib.create(config, 10)
        chosen.build([weight])
        rate.share.assign(share)
        chosen.apply([tf.constant([0.0, 3.0])])
        return weight.numpy() - [1, 2]

    assert (change(1.0) < 0).all()
    np.testing.assert_allclose(change(0.4), 0.4 * change(1.0), rtol=1e-4)


def test_the_length_of_a_window_sets_its_learning_rate_not_its_loss():
    model = build_model(unroll_steps=10, activation_penalty=1.0)
    model.compile("sgd")
    model.window_rate = optimizer_lib.WindowRate(2.0)
    x, y = one_window()
    vectors = model(x, training=True)
    plain, _ = model.cross_entropy(y, vectors)
    loss = model.compute_loss(x, y, vectors, training=True)
    penalty = np.mean(np.square(vectors))
    np.testing.assert_allclose(loss, plain + penalty, rtol=1e-5)
    assert model.window_rate(0) == 2.0 * 5 / 10


def test_the_rate_of_a_window_is_loaded_with_the_optimizer():
    config = LanguageModelConfig(vary_unroll=True)
    chosen, rate = optimizer_lib.create(config, 10)
    rate.share.assign(0.5)
    copy = type(chosen).from_config(chosen.get_config())
    assert float(chosen.learning_rate) == 0.5 * float(copy.learning_rate) > 0


def test_a_sampled_softmax_estimates_the_full_one():
    rng = np.random.default_rng(0)
    vectors, weights, bias = (
        tf.constant(rng.normal(size=shape), tf.float32)
        for shape in ((50, 4), (9, 4), (9,))
    )
    targets = tf.constant(rng.integers(0, 9, 50), tf.int32)
    full = tf.nn.sparse_softmax_cross_entropy_with_logits(
        targets, vectors @ tf.transpose(weights) + bias
    )
    sampled = sampled_softmax.crossentropy(
        vectors,
        targets,
        weights,
        bias,
        20_000,
        keras.random.SeedGenerator(0),
    )
    np.testing.assert_allclose(sampled, full, atol=0.05)


def test_the_average_is_used_and_the_last_weights_return():
    weight = keras.Variable([8.0])
    optimizer = nt_asgd.NTASGD(1.0)
    optimizer.build([weight])
    optimizer.apply([[1.0]])
    optimizer.use_average()
    assert weight == 7  # There is no average yet.
    optimizer.use_last_weights()
    optimizer.end_epoch([5.0, *[6.0] * 5])
    optimizer.apply([[1.0]])  # 6; not averaged, as it is not triggered yet.
    optimizer.end_epoch([5.0, *[6.0] * 6])
    for gradient in (2.0, 4.0, 0.0):  # From 6 to 4, 0 and 0.
        optimizer.apply([[gradient]])
    for _ in range(2):
        optimizer.use_average()
        np.testing.assert_allclose(weight, [4 / 3], atol=1e-6)
    for _ in range(2):
        optimizer.use_last_weights()
        np.testing.assert_allclose(weight, [0], atol=1e-6)


def rates(decay):
    """Returns the learning rates at steps 0, 19, 20 and 39, ten an epoch."""
    config = LanguageModelConfig(
        optimizer="sgd",
        learning_rate=8.0,
        learning_rate_decay=decay,
        full_epochs=2,
        epochs=4,
    )
    optimizer, _ = optimizer_lib.create(config, steps_per_epoch=10)
    values = []
    for step in (0, 19, 20, 39):
        optimizer.iterations.assign(step)
        values.append(float(optimizer.learning_rate))
    return values


def test_the_learning_rate_decays_after_the_full_epochs():
    assert rates(0.5) == [8, 8, 4, 2]
    assert rates(1.0) == [8, 8, 8, 8]


def test_without_decay_the_learning_rate_follows_a_cosine():
    first, *_, last = rates(0.0)
    assert first == 8
    assert 0 < last < 0.1


def test_the_schedule_ends_with_the_last_window():
    lines = tf.data.Dataset.from_tensor_slices(
        ({"prefix": ["the"] * 50}, {"text": ["the dog barks"] * 50})
    )
    config = LanguageModelConfig(
        units=2, embedding_size=2, batch_size=4, unroll_steps=7, epochs=3
    )
    model = language_model.LanguageModel.create(config, lines, 13)
    steps = len(model.batches(lines, 4)(0))
    schedule = model.optimizer.get_config()["learning_rate"]["config"]
    assert schedule["decay_steps"] == 3 * steps


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("word", [*WORDS, "cat", "purrs"]),
        ("character", sorted("thecatpurrs ")),
    ],
)
def test_the_tokens_of_a_start_of_the_same_level_come_first(level, expected):
    lines = tf.data.Dataset.from_tensor_slices(
        ({"prefix": ["the"] * 9}, {"text": ["the cat purrs"] * 9})
    )
    config = LanguageModelConfig(units=2, embedding_size=2, level=level)
    start = build_model()
    model = language_model.LanguageModel.create(config, lines, 1, start)
    tokens = model.arguments.tokens
    assert tokens == expected if level == "word" else set(tokens) == {*expected}
    assert start.arguments.tokens == WORDS


@pytest.mark.slow
@pytest.mark.parametrize("call", [9, 11, 14])
def test_a_run_interrupted_while_it_averages_ends_with_the_same_bits(
    tmp_path, monkeypatch, call
):
    """Before, within and after a validation with averaged weights."""
    monkeypatch.setattr(nt_asgd.NTASGD, "end_epoch", _trigger)
    text = tmp_path / "text.txt"
    text.write_text("the dog barks\nthe dogs bark\n" * 50)

    def app(folder):
        config = LanguageModelConfig(
            dataset=str(text),
            run_dir=str(tmp_path / folder),
            optimizer="nt_asgd",
            vary_unroll=True,
            softmax_samples=3,
            learning_rate=1.0,
            dropout=0.5,
            weight_dropout=0.5,
            units=4,
            embedding_size=4,
            batch_size=2,
            unroll_steps=60,
            epochs=3,
            checkpoint_minutes=0,
        )
        return LanguageModel(config)

    uninterrupted = trainer.train(app("uninterrupted"))
    save, calls = State.save, itertools.count(1)

    def interrupt(state):
        save(state)
        if next(calls) == call:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "save", interrupt)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(app("interrupted"))
    resumed = trainer.train(app("interrupted"))
    for first, second in zip(
        uninterrupted.variables, resumed.variables, strict=True
    ):
        np.testing.assert_array_equal(first, second)


def _trigger(optimizer, losses):
    optimizer.triggered.assign(1)


def test_the_first_estimates_of_a_sampled_softmax_are_exact():
    """With another bias they are so noisy that training diverges."""
    size, samples = 10_000, 50
    bias = sampled_softmax.log_probabilities(size)
    np.testing.assert_allclose(tf.reduce_sum(tf.exp(bias)), 1.0, rtol=1e-4)
    targets = tf.constant([5_000, 7_000, 9_999])  # Not drawn here.
    nats = sampled_softmax.crossentropy(
        tf.zeros([3, 2]),
        targets,
        tf.zeros([size, 2]),
        bias,
        samples,
        keras.random.SeedGenerator(1),
    )
    expected = -tf.gather(bias, targets)
    np.testing.assert_allclose(nats, expected, rtol=1e-5)
