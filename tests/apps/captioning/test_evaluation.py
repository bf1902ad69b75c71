"""Metrics of captions, and captions of the baselines."""

import numpy as np
import pytest
import tensorflow as tf

from apps.captioning import baselines
from common.evaluation import evaluate


def with_training_captions(app, captions):
    """Sets the training examples of an app, with empty pictures."""
    pictures = {"image_bytes": [""] * len(captions)}
    examples = tf.data.Dataset.from_tensor_slices(
        (pictures, {"captions": captions})
    )
    app.examples = lambda split: examples
    return app


def test_metrics_are_means_over_captions(app_with):
    app = with_training_captions(
        app_with(dataset="own.tsv"), [["a cat", "a bird"]]
    )
    outputs = {"caption": np.array([b"a red dog", b"a red dog", b"A cat."])}
    y = {"captions": np.array([[b"a red dog", b"x"], *[[b"a cat", b""]] * 2])}
    metrics = app.evaluation.measure(app.evaluation.per_example(y, outputs))
    assert metrics["distinct_share"] == pytest.approx(2 / 3)
    assert metrics["novel_share"] == pytest.approx(2 / 3)
    assert metrics["bleu_1"] == pytest.approx(6 / 8, abs=1e-6)
    assert {"bleu_4", "rouge_l", "cider_d"} <= set(metrics)
    assert "accuracy" not in metrics


def test_the_nearest_picture_is_the_picture_itself(model, examples, scenes):
    captions = baselines.nearest(model, examples, examples.take(5))
    for caption, (_, texts) in zip(captions, scenes):
        assert caption.decode() in texts


def test_the_most_common_caption_is_that_of_most_pictures():
    captions = [["a b", "a b"], ["c", "d"], ["d", ""]]
    known = tf.data.Dataset.from_tensor_slices(
        ({"image_bytes": ["", "", ""]}, {"captions": captions})
    )
    assert baselines.most_common(known, known).tolist() == [b"d"] * 3


def test_captions_of_the_sample_are_checked_for_accuracy(app_with, model):
    app = app_with()
    report = evaluate.evaluate(app, model, 0.0)
    metrics = {metric.name for metric in app.evaluation.metrics}
    assert set(report.metrics) == metrics
    assert "accuracy" in metrics
    assert set(report.baselines) == {"nearest picture", "most common"}
    nearest = report.baselines["nearest picture"]
    assert 0 < nearest["cider_d"] < 10
