"""Metrics by hand, and what a report says."""

import numpy as np
import pytest
import tensorflow as tf

from apps.music.evaluation import generated
from apps.music.evaluation import harmonization
from common.evaluation.evaluation import Notes


@pytest.fixture(scope="module")
def app(app_with):
    return app_with(network="nade")


def test_nats_per_frame_are_those_of_all_frames_but_the_first(app):
    _, outputs = app.evaluation.predict(app.model, app.examples("test"))
    metrics = app.evaluation.measure(outputs)
    nats, frames = 0.0, 0
    for x, _ in app.examples("test"):
        roll = x["roll"][x["roll"][:, 0] >= 0]
        scores = app.model.serving.score(roll[None])["nats"][0].numpy()
        nats += scores[1:].sum()
        frames += len(scores) - 1
    assert frames == 8 + 9 + 10
    assert metrics["nats_per_frame"] == pytest.approx(nats / frames, rel=1e-5)
    assert metrics["above_floor"] == pytest.approx(
        nats / frames / 2 - 1, rel=1e-5
    )


def test_nats_of_independent_keys_are_those_of_a_plain_loop(app_with):
    """As in the published tables: the sum over 88 keys, all frames together."""
    app = app_with(network="keys")
    total, frames = 0.0, 0
    for x, _ in app.examples("test"):
        roll = x["roll"][x["roll"][:, 0] >= 0]
        states = app.model.network.zero_states(1)
        for t in range(len(roll) - 1):
            if t == 0:
                start = -tf.ones_like(roll[:1])
                _, states = app.model.network.step(start, states)
            vector, states = app.model.network.step(roll[t : t + 1], states)
            log_odds = app.model.head.dense(vector)[0].numpy().astype(float)
            frames += 1
            for key in range(88):
                p = 1 / (1 + np.exp(-log_odds[key]))
                x_key = int(roll[t + 1, key])
                total -= x_key * np.log(p) + (1 - x_key) * np.log(1 - p)
    _, outputs = app.evaluation.predict(app.model, app.examples("test"))
    actual = app.evaluation.measure(outputs)["nats_per_frame"]
    assert actual == pytest.approx(total / frames, rel=1e-5)


def test_accuracies_are_those_of_the_predicted_notes(app):
    _, outputs = app.evaluation.predict(app.model, app.examples("test"))
    metrics = app.evaluation.measure(outputs)
    counts = np.zeros(3, int)
    for x, _ in app.examples("test"):
        roll = x["roll"][x["roll"][:, 0] >= 0].numpy()[None]
        predicted = app.model.serving.predictions(roll)["roll"].numpy()
        true, answer = roll[0, 1:] > 0, predicted[0, 1:] > 0
        counts += [
            (true & answer).sum(),
            (~true & answer).sum(),
            (true & ~answer).sum(),
        ]
    assert metrics["frame_accuracy"] == pytest.approx(counts[0] / counts.sum())
    assert metrics["f1"] == pytest.approx(
        2 * counts[0] / (counts[0] + counts.sum())
    )


@pytest.mark.parametrize("network", ["nade", "voices", "melody"])
def test_baselines_read_what_the_network_reads(app_with, network):
    app = app_with(network=network)
    baselines = app.evaluation.baselines(app.model)
    metrics = {n: app.evaluation.measure(s) for n, s in baselines.items()}
    assert "markov chains" in metrics
    assert len(metrics) == 3
    for values in metrics.values():
        assert np.isfinite(list(values.values())).all()


def test_the_report_of_voices_has_harmonies_and_composed_pieces(
    app_with, monkeypatch
):
    monkeypatch.setattr(generated, "PIECES", 2)
    monkeypatch.setattr(generated, "BARS", 1)
    app = app_with(network="voices")
    y, statistics = app.evaluation.predict(app.model, app.examples("test"))
    report = app.evaluation.notes(y, statistics, {})
    text = " ".join(report.sentences)
    assert "Melody and length are unchanged in 3 of 3." in text
    assert "Collapsed: " in text
    details = report.details["harmonization"]
    assert details["unchanged_melodies"] == 3
    assert set(details["accuracy"]) == {"alto", "tenor", "bass"}
    assert "parallel_fifths" in report.details["composed"]["statistics"]


def test_accuracy_of_harmonies_by_hand(app_with, monkeypatch):
    """The baseline and the model are replaced by known answers."""
    app = app_with(network="voices")
    pieces = [
        np.array([[70, 65, 60, 50]] * 4),
        np.array([[71, 66, 61, 51]] * 2),
    ]

    def answer(model, config, piece):
        wrong = piece.copy()
        wrong[0, 1:3] += 1
        return wrong

    monkeypatch.setattr(harmonization, "_harmonized", answer)
    notes = Notes()
    harmonization.add(notes, app, lambda split: pieces)
    accuracy = notes.details["harmonization"]["accuracy"]
    assert accuracy == {
        "alto": pytest.approx(4 / 6),
        "tenor": pytest.approx(4 / 6),
        "bass": 1.0,
    }
