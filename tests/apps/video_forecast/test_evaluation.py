"""Scores of forecast frames, and the baselines."""

import numpy as np
import pytest

from apps.video_forecast import VideoForecast
from apps.video_forecast import baselines
from apps.video_forecast.config import VideoForecastConfig
from apps.video_forecast.evaluation import figures
from apps.video_forecast.evaluation import scores
from tests.common.video.clips import Repeater


def test_the_scores_of_a_frame_are_summed_over_its_pixels():
    target = np.zeros((1, 2, 8, 8, 3))
    forecast = np.zeros_like(target)
    forecast[0, 1, :2, :2] = 0.5
    of_frames = scores.of_frames(target, forecast)
    np.testing.assert_allclose(of_frames["mse"], [[0, 1]])
    np.testing.assert_allclose(of_frames["mae"], [[0, 2]])
    np.testing.assert_allclose(
        of_frames["psnr"], [[100, 10 * np.log10(64)]], rtol=1e-12
    )
    assert of_frames["ssim"][0, 0] == 1
    assert of_frames["ssim"][0, 1] < 0.95


def clips(count=40):
    """Returns batches whose frames become darker by a fifth each."""
    rng = np.random.default_rng(0)
    first = rng.random((count, 1, 4, 4, 3))
    fading = 0.8 ** np.arange(5)[:, None, None, None]
    frames = 0.3 + (first - 0.3) * fading
    return [(frames[i : i + 8, :3], frames[i : i + 8, 3:]) for i in (0, 8, 16)]


def test_the_fading_frame_has_the_least_squared_error():
    data = clips()
    fading = baselines.FadingFrame.fit(data)
    # About 0.8 and 0.64: the mean of 24 clips is not exact.
    np.testing.assert_allclose(fading.weights, [0.8, 0.64], atol=0.05)

    def error(weights):
        other = baselines.FadingFrame(fading.mean, np.array(weights))
        return sum(
            np.square(other.forecast(context) - future).sum()
            for context, future in data
        )

    best = error(fading.weights)
    for change in ([0.05, 0], [-0.05, 0], [0, 0.05], [0, -0.05]):
        assert error(fading.weights + change) > best


def test_the_weights_of_the_fading_frame_are_those_of_its_definition():
    data = clips()
    fading = baselines.FadingFrame.fit(iter(data))
    context, future = map(np.concatenate, zip(*data))
    mean = future.mean((0, 1))
    last = context[:, -1:] - mean
    products = (last * (future - mean)).sum((0, 2, 3, 4))
    np.testing.assert_allclose(fading.mean, mean)
    np.testing.assert_allclose(fading.weights, products / (last**2).sum())


def test_simple_baselines():
    context, future = clips()[0]
    assert (
        baselines.FadingFrame(np.zeros((4, 4, 3)), np.ones(2))
        .forecast(context)
        .shape
        == future.shape
    )
    np.testing.assert_array_equal(
        baselines.last_frame(context)[:, 0], context[:, 2]
    )
    np.testing.assert_allclose(
        baselines.mean_frame(context)[:, 0], context.mean(1)
    )
    assert not baselines.black_frame(context).any()


def test_the_figure_has_a_curve_for_each_baseline():
    curves = {
        "model": [1.0, 2.0],
        "interval": [[0.5, 1.5], [1.5, 2.5]],
        "last frame": [2.0, 3.0],
    }
    names = [metric.name for metric in scores.METRICS]
    figure = figures.by_frame({name: curves for name in names})
    assert [len(axes.lines) for axes in figure.axes] == [2] * 4
    colors = {line.get_color() for line in figure.axes[0].lines}
    assert len(colors) == 2 and "C0" not in colors


@pytest.mark.parametrize("metric", scores.METRICS, ids=lambda m: m.name)
def test_a_perfect_forecast_is_better_than_a_bad_one(metric):
    rng = np.random.default_rng(0)
    target = rng.random((1, 1, 9, 9, 3))
    perfect = scores.of_frames(target, target)[metric.name].item()
    bad = scores.of_frames(target, 1 - target)[metric.name].item()
    assert metric.gain(perfect, bad) > 0


class FewClips(VideoForecast):
    """Reads five clips of each split, and remembers which splits it read."""

    def __init__(self, config):
        super().__init__(config)
        self.splits = []

    def examples(self, split):
        self.splits.append(split)
        return super().examples(split).take(5)


@pytest.fixture
def app(tmp_path):
    return FewClips(
        VideoForecastConfig(
            run_dir=str(tmp_path), context=3, horizon=2, batch_size=2
        )
    )


def test_a_model_that_repeats_a_frame_scores_as_the_baseline(app):
    evaluation = app.evaluation
    y, answers = evaluation.predict(Repeater(32, 2), app.examples("test"))
    app.splits.clear()
    of_baselines = evaluation.baselines(None)
    assert app.splits == ["train", "test"]
    for name, values in answers.items():
        assert values.shape == (5, 2)
        np.testing.assert_allclose(
            values, of_baselines["last frame"][name], rtol=1e-5
        )
    metrics = evaluation.measure(evaluation.per_example(y, answers))
    assert metrics["mse"] == pytest.approx(answers["mse"].mean())
    notes = evaluation.notes(y, answers, of_baselines)
    by_frame = notes.details["by_frame"]["ssim"]
    np.testing.assert_allclose(by_frame["model"], answers["ssim"].mean(0))
    low, high = np.transpose(by_frame["interval"])
    assert (low <= by_frame["model"]).all()
    assert (by_frame["model"] <= high).all()
    assert by_frame["last frame"] == pytest.approx(by_frame["model"], rel=1e-5)


def test_windows_of_a_clip_are_resampled_together(app, monkeypatch):
    monkeypatch.setattr(
        app.dataset, "clip_numbers", lambda split: [0, 0, 1, 1, 1]
    )
    clusters = app.evaluation.clusters({"example": np.arange(5)})
    np.testing.assert_array_equal(clusters, [0, 0, 1, 1, 1])
