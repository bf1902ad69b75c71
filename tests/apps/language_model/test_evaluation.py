"""Metrics, and the adaptation to the text that is read."""

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model import LanguageModel
from apps.language_model.config import LanguageModelConfig
from apps.language_model.data import grammar
from apps.language_model.evaluation import cache
from apps.language_model.evaluation import dynamic_evaluation
from apps.language_model.evaluation import reading
from tests.apps.language_model.tiny import build_model


def evaluation(**options):
    return LanguageModel(LanguageModelConfig(**options)).evaluation


def test_metrics_by_hand():
    line = "the dog barks"
    y = {"text": np.array([line.encode()], object)}
    outputs = {
        "tokens": np.array([4]),
        "log_probability": np.array([4 * -np.log(8.0)]),
    }
    scores = evaluation()
    metrics = scores.measure(scores.per_example(y, outputs))
    floor = np.exp(-grammar.log_probability(line) / 4)
    assert metrics == pytest.approx(
        {
            "perplexity": 8.0,
            "perplexity_floor": floor,
            "nats_per_token": np.log(8.0),
            "above_floor": 8.0 / floor - 1,
        }
    )
    scores = evaluation(dataset="MINE.txt", level="character")
    metrics = scores.measure(scores.per_example(y, outputs))
    assert metrics == pytest.approx(
        {"perplexity": 8.0, "bits_per_character": 3.0}
    )


@pytest.mark.usefixtures("eager")
def test_the_end_of_each_line_counts_as_a_token():
    """Of the model and of its baselines."""
    lines = ["the dog barks", "", "dogs"]
    ids = np.array([2, 3, 5, 1, 1, 4, 1])  # The end is 1.
    examples = tf.data.Dataset.from_tensor_slices(
        ({"prefix": lines}, {"text": lines})
    )
    app = LanguageModel(LanguageModelConfig(dataset="MINE.txt", cache_size=0))
    app.examples = lambda split: examples
    model = build_model()
    network = model.network
    vectors, _ = network(tf.constant([[1, *ids[:-1]]]), network.zero_states(1))
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        ids, network.logits(vectors[0])
    )
    scores = app.evaluation
    y, outputs = scores.predict(model, examples)
    metrics = scores.measure(scores.per_example(y, outputs))
    assert metrics["perplexity"] == pytest.approx(
        np.exp(np.sum(nats) / 7), rel=1e-5
    )
    unigram = scores.baselines(model)["unigram"]
    assert outputs["tokens"].tolist() == unigram["tokens"].tolist() == [4, 1, 2]
    # Fitted to these lines, the weight of the uniform distribution is small.
    assert np.exp(unigram["log_probability"][1]) == pytest.approx(
        3 / 7, abs=0.02
    )


def test_tuned_settings_are_notes():
    statistics = {
        "tokens": np.array([4, 5]),
        "log_probability": np.array([-1.0, -2.0]),
        "log_probability_cache": np.array([-1.0, -2.0]),
        "flatness_cache": np.array([0.3, 0.3]),
        "share_cache": np.array([0.1, 0.1]),
    }
    notes = evaluation().notes({}, statistics, {})
    assert notes.sentences == [
        "Cache: flatness 0.3, share 0.1, tuned on the validation text."
    ]
    assert notes.details == {
        "tuned": {"cache": {"flatness": 0.3, "share": 0.1}}
    }
    del statistics["log_probability_cache"]
    assert not evaluation().notes({}, statistics, {}).sentences


def test_cache_probabilities_by_hand():
    vectors = np.array([[0.0], [1.0], [2.0], [1.0]], np.float32)
    ids = np.array([5, 6, 5, 5])
    # For the fourth token, a cache of 2 holds the second and the third.
    values = cache.probabilities(vectors, ids, 2, (0.0, 1.0))
    e = np.exp
    np.testing.assert_allclose(values[0], [0, 0, 1 / 2, 1 / 2], atol=1e-6)
    np.testing.assert_allclose(
        values[1],
        [0, 0, e(0) / (e(0) + e(2)), e(2) / (e(1) + e(2))],
        atol=1e-6,
    )
    network = reading.Reading(np.log(np.full(4, 0.5)), vectors)
    settings = cache.CacheSettings(flatness=0.0, share=0.2)
    mixed = np.exp(cache.log_probabilities(network, ids, 2, settings))
    np.testing.assert_allclose(mixed, [0.5, 0.4, 0.5, 0.5], atol=1e-6)


def test_cache_probabilities_do_not_depend_on_the_block_size(monkeypatch):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(100, 3)).astype("f4")
    ids = rng.integers(0, 5, 100)
    one_block = cache.probabilities(vectors, ids, 30, (0.5,))
    monkeypatch.setattr(cache, "BLOCK", 7)
    many_blocks = cache.probabilities(vectors, ids, 30, (0.5,))
    np.testing.assert_allclose(many_blocks, one_block, rtol=1e-4)


@pytest.mark.extended
def test_dynamic_evaluation_learns_and_restores_the_weights():
    model = build_model()
    ids = np.tile(np.array([2, 3, 5, 1], np.int32), 60)
    before = [w.numpy() for w in model.trainable_weights]
    learner = dynamic_evaluation.DynamicEvaluation(model, ids)
    plain, _ = reading.read(
        model.scorer.follow, model.network.zero_states(1), ids, 50
    )

    def read(rate, decay):
        settings = dynamic_evaluation.DynamicSettings(rate, decay)
        return learner.read(ids, settings).log_probabilities

    np.testing.assert_allclose(read(0.0, 0.0), plain, atol=1e-5)
    dynamic = read(0.004, 0.002)
    assert dynamic[-40:].mean() > plain[-40:].mean() + 0.1
    # The first tokens are predicted before anything is learned.
    np.testing.assert_allclose(dynamic[:5], plain[:5], atol=1e-5)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(old, weight)


@pytest.mark.usefixtures("eager")
def test_the_decay_returns_the_weights_to_the_trained_ones():
    model = build_model()
    ids = np.tile(np.array([2, 3, 5, 1], np.int32), 60)
    learner = dynamic_evaluation.DynamicEvaluation(model, ids)
    tokens, states = tf.constant(ids[None, :5]), model.network.zero_states(1)
    distances = []
    for decay in (0.0, 0.01, 1e9):
        for variable, trained in zip(
            model.trainable_variables, learner.trained, strict=True
        ):
            variable.assign(trained + 0.5)
        learner.update(
            tokens, tokens, states, tf.constant(0.0), tf.constant(decay)
        )
        distances.append(
            [
                variable - trained
                for variable, trained in zip(
                    model.trainable_variables, learner.trained
                )
            ]
        )
    for scale, unchanged, closer, returned in zip(
        learner.decay_scales, *distances, strict=True
    ):
        np.testing.assert_allclose(unchanged, 0.5, rtol=1e-5)
        share = np.minimum(0.01 * scale, 1)
        np.testing.assert_allclose(closer, 0.5 * (1 - share), rtol=1e-5)
        # Weights without a gradient do not return.
        expected = np.where(scale > 0, 0, 0.5)
        np.testing.assert_allclose(returned, expected, atol=1e-6)
