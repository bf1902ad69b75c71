"""The evaluation of forecasts, next to baselines."""

from apps.stock.baselines import forecasts
from apps.stock.data import periods
from apps.stock.evaluation import backtest
from apps.stock.evaluation import best_of_each
from apps.stock.evaluation import figures
from apps.stock.evaluation import scores
from apps.stock.evaluation import verdict
from common.data import batching
from common.errors import UserError
from common.evaluation import plots
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes

MIN_BLOCK = 20  # Days.


class StockEvaluation(Evaluation):
    """Scores forecasts of the next day and of the last day of the horizon."""

    primary_metric = scores.CRPS

    def __init__(self, app):
        super().__init__(app)
        if app.trained_on:
            raise UserError(
                f"--dataset={app.config.dataset}: stock has no scores on data "
                "other than the run's, as baselines learn from the past of "
                "each series: use `predict`, or train another run."
            )
        plot = self.config.plot
        self.plot = plots.png_path("plot", plot) if plot else None

    @property
    def metrics(self):
        return scores.metrics(self.config.horizon)

    def predict(self, model, examples, after_batch=lambda: None):
        # No metric selects epochs: otherwise, these are the test examples.
        if self.config.refit and self.config.split == "test":
            return backtest.predict(self.app, model)
        return super().predict(model, examples, after_batch)

    def per_example(self, y, outputs):
        return scores.per_example(y, outputs, self.config.target)

    def aggregate(self, statistics):
        return scores.aggregate(statistics, self.config.horizon)

    def baselines(self, model):
        y = batching.targets(self.app.examples("test"))
        by_name = forecasts.forecasts(
            self.app.dataset.series,
            y,
            self.app.dataset.fold_starts(),
            self.config.target,
        )
        if len(self.app.dataset.series) > 1:
            by_name[best_of_each.NAME] = best_of_each.combine(
                y, by_name, self.config.target
            )
        return by_name

    def clusters(self, y):
        # Volatility lasts, and forecasts of close days overlap.
        length = max(MIN_BLOCK, 2 * self.config.horizon)
        return periods.blocks(y["day"], length)

    def notes(self, y, statistics, baselines):
        results = verdict.Results(y, statistics, baselines, self.clusters(y))
        series = self.app.dataset.series
        config = self.config
        notes = verdict.notes(
            results, series, config.target, config.window, config.seed
        )
        notes.sentences.extend(self.app.dataset.left_out)
        if not self.plot:
            return notes
        figure = figures.backtest(results, [market.ticker for market in series])
        plots.save(figure, self.plot)
        return Notes([*notes.sentences, f"See {self.plot}"], notes.details)
