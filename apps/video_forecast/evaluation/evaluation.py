"""MSE, MAE, SSIM and PSNR of forecast frames, next to baselines."""

import numpy as np

from apps.video_forecast import baselines
from apps.video_forecast.evaluation import figures
from apps.video_forecast.evaluation import scores
from common.evaluation import bootstrap
from common.evaluation import plots
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes


class ForecastEvaluation(Evaluation):
    """Scores each forecast frame against the true one.

    The answers to an example are its scores, (horizon,) each: the frames of
    all examples would not fit in memory.
    """

    primary_metric = scores.MSE
    metrics = scores.METRICS

    def __init__(self, app):
        super().__init__(app)
        plot = self.config.plot
        self._plot = plots.png_path("plot", plot) if plot else None

    def predict(self, model, examples, after_batch=lambda: None):
        parts = []
        for x, y in examples.batch(self.config.batch_size).prefetch(2):
            forecast = model.serve(**x)["frames"].numpy()
            parts.append(scores.of_frames(self._future(y), forecast / 255))
            after_batch()
        answers = scores.concatenated(parts)
        numbers = np.arange(len(answers[scores.MSE.name]))
        return {"example": numbers}, answers

    def per_example(self, y, outputs):
        return outputs

    def aggregate(self, statistics):
        return {
            name: float(values.mean()) for name, values in statistics.items()
        }

    def baselines(self, model):
        fading = baselines.FadingFrame.fit(self._clips("train"))
        forecasts = {
            "fading frame": fading.forecast,
            "last frame": baselines.last_frame,
            "mean frame": baselines.mean_frame,
            "black frame": baselines.black_frame,
        }
        parts = {name: [] for name in forecasts}
        for context, future in self._clips("test"):
            for name, forecast in forecasts.items():
                frames = np.broadcast_to(forecast(context), future.shape)
                parts[name].append(scores.of_frames(future, frames))
        return {name: scores.concatenated(p) for name, p in parts.items()}

    def _clips(self, split):
        """Yields contexts and the frames after them, values from 0 to 1."""
        from common.video import decode

        size = self.config.frame_size
        batches = self.app.examples(split).batch(self.config.batch_size)
        for x, y in batches.prefetch(2):
            context = decode.read(x["video"], size).frames.numpy() / 255
            yield context, self._future(y)

    def _future(self, y):
        from common.video import decode

        size = self.config.frame_size
        return decode.read(y["video"], size).frames.numpy() / 255

    def clusters(self, y):
        numbers = self.app.dataset.clip_numbers(self.config.split)
        return None if numbers is None else np.array(numbers)[y["example"]]

    def notes(self, y, statistics, baselines):
        clusters = self.clusters(y)
        by_frame = {
            name: {
                "model": values.mean(0).tolist(),
                "interval": _interval(values, self.config.seed, clusters),
                **{
                    baseline: of_baseline[name].mean(0).tolist()
                    for baseline, of_baseline in baselines.items()
                },
            }
            for name, values in statistics.items()
        }
        mse = by_frame[scores.MSE.name]["model"]
        size = self.config.frame_size
        sentences = [
            f"MSE and MAE are sums over frames of {size} x {size} pixels.",
            f"MSE by frame: {', '.join(f'{value:.4g}' for value in mse)}.",
        ]
        if self._plot:
            plots.save(figures.by_frame(by_frame), self._plot)
            sentences.append(f"See {self._plot}")
        return Notes(sentences, {"by_frame": by_frame})


def _interval(values, seed, clusters):
    """Returns the 95 % interval of the mean of each frame."""
    return bootstrap.interval(
        lambda rows: values[rows].mean(0), len(values), seed, clusters=clusters
    ).tolist()
