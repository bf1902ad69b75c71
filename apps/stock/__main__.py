"""Forecasts prices: for each coming day a distribution, and what it is worth.

python -m apps.stock
    Trains on simulated markets, scores, exports, answers.
python -m apps.stock train --dataset=prices --data_dir=FOLDER
    Your own markets: FOLDER holds a .csv file for each ticker, with the
    columns of Yahoo Finance, or those that --date_column and --price_column
    name.
python -m apps.stock evaluate [--plot=FILE.png]
    The backtest: scores beside those of a random walk, ARIMA, GARCH and
    others, with a verdict.
python -m apps.stock export
    A SavedModel that takes raw prices: saved_models/stock/1/.
python -m apps.stock predict AAPL.csv [--plot=FILE.png] [--paths=5]
    The coming days, beyond the end of the file, a line each, and so many ways
    in which they may go; test:3 is the fourth window of the backtest, told in
    one line.

This is no financial advice. Nobody forecasts prices reliably; where the app
does not, it says so.
"""

import functools
import pathlib

from apps.stock.options import StockConfig
from common import files
from common import runner
from common.app import App
from common.errors import UsageError

# TensorFlow takes seconds to import; the methods do it when they are called.


class Stock(App):
    """Many-to-many: forecasts distributions of the coming days' prices.

    Not financial advice.
    """

    name = "stock"
    Config = StockConfig
    questions = ("test:0", "test:1", "test:2", "test:3")
    headline = "crps"
    run_files = ("folds",)
    limits = (
        "Not financial advice. It knows past prices, and nothing of news, "
        "companies or economies. Prices are forecast by nobody reliably; see "
        "what the verdict of the backtest says. Bands hold as long as the "
        "market moves as it did in training."
    )

    def examples(self, split):
        from apps.stock import data

        config = self.config
        return data.load(
            self._series,
            split,
            self._bounds,
            config.window,
            config.horizon,
            config.target,
        )

    @functools.cached_property
    def _series(self):
        from apps.stock import data

        config = self.config
        return data.markets(
            config.dataset,
            config.data_dir,
            config.tickers,
            config.date_column,
            config.price_column,
            config.seed,
        )

    @functools.cached_property
    def _bounds(self):
        from apps.stock import data

        return data.boundaries(
            self._series, self.config.test_start, self.config.test_end
        )

    def licence(self):
        from apps.stock import data

        return data.licence(self.config.dataset)

    def model_class(self):
        from apps.stock import model

        return model.Forecaster

    def answers(self, model, examples, between=lambda: None):
        if not self.config.refit:
            return super().answers(model, examples, between)
        from apps.stock import backtest

        return backtest.answered(self, model, self._starts, self._bounds[-1])

    @property
    def _starts(self):
        from apps.stock import backtest

        return backtest.starts(self._series, self._bounds, self.config.folds)

    def measure(self, targets, outputs):
        from apps.stock import scores

        return scores.measure(targets, outputs, self.config.target)

    def score(self, targets, outputs):
        from apps.stock import scores

        return scores.scores(outputs)

    def groups(self, targets):
        from apps.stock import verdict

        return verdict.blocks(targets)

    def baselines(self, model):
        import numpy as np

        from apps.stock import baseline

        y = np.stack([y for _, y in self.examples("test").as_numpy_iterator()])
        found = baseline.forecasts(
            self._series, y, self._starts, self.config.target
        )
        names = ("location", "scale", "freedom")
        return {
            name: dict(zip(names, np.moveaxis(told, -1, 0)))
            for name, told in found.items()
        }

    def conclude(self, targets, outputs, others):
        from apps.stock import figures
        from apps.stock import verdict

        config, series = self.config, self._series
        found = verdict.conclude(
            targets, outputs, others, series, config.target, config.seed
        )
        if self._plot:
            names = [one.ticker for one in series]
            figure = figures.backtest(targets, outputs, others, names)
            found["verdict"].append(self._drawn(figure))
        return found

    @property
    def _plot(self):
        """The file of the figure that is asked for."""
        path = pathlib.Path(self.config.plot)
        if path.name and path.suffix != ".png":
            raise UsageError(f"--plot={path}: name a file .png.")
        return path if path.name else None

    def _drawn(self, figure):
        with files.written_beside(self._plot) as beside:
            figure.savefig(beside, dpi=100)
        return f"See {self._plot}"

    def _opened(self, words):
        from apps.stock import opening

        config = self.config
        columns = (config.date_column, config.price_column)
        return [
            opening.opened(
                word, config.window, columns, lambda: self.examples("test")
            )
            for word in words
        ]

    def ask(self, words):
        from apps.stock import opening

        return opening.tensors(self._opened(words), self.config.window)

    def answer(self, words, outputs):
        from apps.stock import opening

        outputs = {name: value.numpy() for name, value in outputs.items()}
        for i, (word, one) in enumerate(zip(words, self._opened(words))):
            row = {name: value[i] for name, value in outputs.items()}
            yield from opening.lines(word, one, row, self.config.target)

    def predict(self, model, words):
        config = self.config
        if not (self._plot or config.paths):
            yield from super().predict(model, words)
            return
        from apps.stock import figures

        if self._plot and len(words) > figures.MOST:
            raise UsageError(
                f"--plot shows {figures.MOST} inputs at most, not {len(words)}."
            )
        asked = self.ask(words)
        found = dict(model.serve(**asked))
        if config.paths:
            found |= model.paths(**asked, count=config.paths, seed=config.seed)
        yield from self.answer(words, found)
        if self._plot:
            rows = [
                {name: value[i].numpy() for name, value in found.items()}
                for i in range(len(words))
            ]
            yield self._drawn(
                figures.fans(self._opened(words), rows, config.target)
            )


def main():
    runner.main(Stock)


if __name__ == "__main__":
    main()
