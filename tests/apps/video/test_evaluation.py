"""Metrics by hand, and the baselines."""

import io

import numpy as np
import pytest
import tensorflow as tf

from apps.video.baselines import frequent
from apps.video.baselines import single_frames
from tests.common.video import clips as video_clips


def arrays(*rows):
    longest = max(map(len, rows))
    return np.array(
        [
            [c.encode() for c in row] + [b""] * (longest - len(row))
            for row in rows
        ],
        object,
    )


@pytest.fixture(scope="module")
def evaluation(app_with):
    return app_with().evaluation


def scores(evaluation, targets, labels):
    statistics = evaluation.per_example(
        {"labels": arrays(*targets)}, {"label": arrays(*labels)}
    )
    return evaluation.measure(statistics)


def test_metrics_by_hand(evaluation):
    values = scores(evaluation, ["aabb", "bb"], ["abbb", "aa"])
    assert values["accuracy"] == pytest.approx(3 / 6)
    # Of a: 1 hit, 2 targets, 3 predictions; of b: 2 hits, 4 and 3.
    assert values["macro_f1"] == pytest.approx((2 / 5 + 4 / 7) / 2)
    # Segments: a (1/2) and b (2/3) match, of the second clip none.
    assert values["segment_f1"] == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))


def test_frames_without_a_label_do_not_count(evaluation):
    targets = np.array([[b"a", b"", b"a", b"b"]], object)
    labels = np.array([[b"a", b"b", b"a", b"b"]], object)
    statistics = evaluation.per_example({"labels": targets}, {"label": labels})
    assert evaluation.measure(statistics) == {
        "accuracy": 1.0,
        "macro_f1": 1.0,
        "segment_f1": 1.0,
    }


def test_a_label_that_training_lacks_is_wrong(evaluation):
    values = scores(evaluation, ["ac"], ["aa"])
    assert values["accuracy"] == 0.5
    assert values["macro_f1"] == pytest.approx(2 / 3 / 2)


def test_answers_are_as_long_as_the_targets(app_with, model, clips):
    (first, labels), (second, _) = clips[:2]
    file = io.BytesIO()
    np.save(file, np.load(io.BytesIO(second))[:5])
    targets = [list(labels), [*labels[:5], *[""] * 19]]
    examples = tf.data.Dataset.from_tensor_slices(
        ({"video": [first, file.getvalue()]}, {"labels": targets})
    )
    evaluation = app_with(batch_size=1).evaluation
    _, outputs = evaluation.predict(model, examples)
    assert (outputs["label"] != b"").sum(1).tolist() == [24, 5]
    assert outputs["label"].shape == (2, 24)
    cut = examples.map(lambda x, y: (x, {"labels": y["labels"][:3]}))
    _, outputs = evaluation.predict(model, cut)
    assert outputs["label"].shape == (2, 3)


def test_clips_of_a_group_are_resampled_together(app_with, monkeypatch):
    app = app_with()
    y = {"example": np.arange(3)}
    assert app.evaluation.clusters(y) is None
    monkeypatch.setattr(app.dataset, "clip_groups", lambda split: [*"aab"])
    assert app.evaluation.clusters(y).tolist() == [0, 0, 1]


def test_the_most_frequent_label():
    labels = frequent.predict_labels(arrays("abbb", "b", ""), (2, 3))
    assert labels.tolist() == [[b"b"] * 3] * 2


@pytest.mark.slow
def test_single_frames_are_learned_and_are_reproducible(app_with):
    """Frames that tell their label are learned, whatever the frame before."""

    def npy(values):
        frames = np.array(values, "u1")[:, None, None, None]
        return video_clips.npy(np.broadcast_to(frames, (len(values), 8, 8, 3)))

    rng = np.random.default_rng(0)
    values = rng.choice([40, 200], (12, 4))
    names = np.where(values > 100, "bright", "dark")
    names[0, 3] = ""
    examples = tf.data.Dataset.from_tensor_slices(
        ({"video": [npy(row) for row in values]}, {"labels": names})
    )
    config = app_with(image_size=8, epochs=12).config
    first, second = (
        single_frames.predict_labels(config, 47, examples, examples, examples)
        for _ in range(2)
    )
    expected = np.where(values > 100, b"bright", b"dark")
    np.testing.assert_array_equal(first, expected)
    np.testing.assert_array_equal(first, second)
