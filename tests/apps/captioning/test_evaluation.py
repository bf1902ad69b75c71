"""Metrics of captions, and captions of the baselines."""

import numpy as np
import pytest
import tensorflow as tf

from apps.captioning.baselines import consensus
from apps.captioning.baselines import known_captions
from apps.captioning.baselines import neighbors
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


class Letters:
    """A model whose features of a picture are letters, from 1 to 26."""

    def features(self, image_bytes):
        grid = tf.io.decode_raw(image_bytes, tf.uint8)
        return tf.cast(grid, tf.float32)[:, :, None] - ord("a") + 1, None


def pictures(*contents, captions=None):
    """Returns raw examples; each letter of a content is a place."""
    captions = captions or [[""]] * len(contents)
    return tf.data.Dataset.from_tensor_slices(
        ({"image_bytes": list(contents)}, {"captions": captions})
    )


def test_neighbors_are_sorted_by_the_cosine_of_their_features(monkeypatch):
    monkeypatch.setattr(neighbors, "BATCH", 2)
    known = pictures("az", "za", "pp", "zb", "aa")
    nearest = neighbors.nearest(Letters(), known, pictures("za", "ac"), 3)
    assert nearest["features of each place"].tolist() == [[1, 3, 2], [0, 2, 4]]
    # All means point in the same direction: the first ones are kept.
    assert nearest["mean features"].tolist() == [[0, 1, 2]] * 2


def test_the_consensus_is_the_caption_most_similar_to_the_others():
    captions = [
        ["a dog runs", "two cats sleep on a sofa"],
        ["a dog runs fast", "a brown dog runs"],
        ["a bird", ""],
    ]
    known = consensus.KnownPictures(
        Letters(), pictures("aa", "ab", "az", captions=captions)
    )
    choice = consensus.Choice("features of each place", 2)
    assert known.captions(pictures("aa"), choice).tolist() == [b"a dog runs"]
    one = consensus.Choice("features of each place", 1)
    assert known.captions(pictures("az"), one).tolist() == [b"a bird"]


def test_the_validation_split_chooses_neighbors_and_features():
    """The nearest caption is wrong; means of letters all look the same."""
    dog, cat = ["a dog runs", ""], ["the cat sleeps", ""]
    known = pictures(
        *("aab", "aac", "aad", "aae", "zaa", "zab", "zac", "zad"),
        captions=[["a red car", "the red car"], *[dog] * 3, *[cat] * 4],
    )
    valid = pictures("aab", "zaa", captions=[dog, cat])
    choice = consensus.KnownPictures(Letters(), known).choose(valid)
    assert choice == consensus.Choice("features of each place", 4)


def test_the_nearest_picture_is_the_picture_itself(model, examples, scenes):
    known = consensus.KnownPictures(model, examples)
    choice = consensus.Choice("features of each place", 1)
    for caption, (_, texts) in zip(
        known.captions(examples.take(5), choice), scenes
    ):
        assert caption.decode() in texts


def test_the_most_common_caption_is_that_of_most_pictures():
    captions = [["a b", "a b"], ["c", "d"], ["d", ""]]
    known = tf.data.Dataset.from_tensor_slices(
        ({"image_bytes": ["", "", ""]}, {"captions": captions})
    )
    assert known_captions.most_common(known, known).tolist() == [b"d"] * 3


@pytest.mark.extended
def test_captions_of_the_sample_are_checked_for_accuracy(app_with, model):
    app = app_with()
    report = evaluate.evaluate(app, model, 0.0)
    metrics = {metric.name for metric in app.evaluation.metrics}
    assert set(report.metrics) == metrics
    assert "accuracy" in metrics
    assert set(report.baselines) == {"nearest pictures", "most common"}
    nearest = report.baselines["nearest pictures"]
    assert 0 < nearest["cider_d"] < 10


def test_pictures_of_one_scene_are_a_cluster(app_with):
    captions = [
        [
            "a small red circle at the top left",
            "we see a small red circle in the top left",
        ],
        ["a small red circle left of a large blue square", ""],
        ["there is a small red circle in the top left", ""],
        ["a large blue square right of a small red circle", ""],
    ]
    y = {"captions": np.array(captions, "S")}
    assert app_with().evaluation.clusters(y).tolist() == [0, 1, 0, 1]
    assert app_with(dataset="own.tsv").evaluation.clusters(y) is None
