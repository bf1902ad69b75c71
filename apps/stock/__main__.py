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
python -m apps.stock predict AAPL.csv [--plot=FILE.png]
    The coming days, beyond the end of the file, a line each; test:3 is the
    fourth window of the backtest, told in one line.

This is no financial advice. Nobody forecasts prices reliably; where the app
does not, it says so.
"""

import functools

from apps.stock.options import StockConfig
from common import runner
from common.app import App

# TensorFlow takes seconds to import; the methods do it when they are called.


class Stock(App):
    """Many-to-many: forecasts distributions of the coming days' prices.

    Not financial advice.
    """

    name = "stock"
    Config = StockConfig
    questions = ("test:0", "test:1", "test:2", "test:3")
    headline = "crps"
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

    def measure(self, targets, outputs):
        from apps.stock import scores

        return scores.measure(targets, outputs, self.config.target)

    def score(self, targets, outputs):
        from apps.stock import scores

        return scores.scores(outputs)

    def baselines(self, model):
        import numpy as np

        from apps.stock import baseline

        y = np.stack([y for _, y in self.examples("test").as_numpy_iterator()])
        found = baseline.forecasts(
            self._series, y, np.array(self._bounds[1:2]), self.config.target
        )
        names = ("location", "scale", "freedom")
        return {
            name: dict(zip(names, np.moveaxis(told, -1, 0)))
            for name, told in found.items()
        }

    def ask(self, words):
        import tensorflow as tf

        examples = self.examples("test")
        rows = []
        for word in words:
            number = int(word.split(":")[1])
            rows += [x for x, _ in examples.skip(number).take(1)]
        return {name: tf.stack([row[name] for row in rows]) for name in rows[0]}

    def answer(self, words, outputs):
        for word, row in zip(words, outputs["quantiles"].numpy()):
            yield f"{word}\t{row[0, 0]:.2f} … {row[0, -1]:.2f}"


def main():
    runner.main(Stock)


if __name__ == "__main__":
    main()
