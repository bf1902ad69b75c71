"""Forecasts daily prices: a distribution for each coming day.

python -m apps.stock
    Trains on simulated markets, evaluates, exports and answers: one minute.
python -m apps.stock train --dataset=prices --data_dir=FOLDER
    Trains on your own markets: FOLDER holds a .csv file for each ticker, or
    is one file of several. --covariates=rsi,vix reads further columns, and
    --known_covariates=holiday those that are known for the coming days.
python -m apps.stock evaluate [--plot=FILE.png]
    Runs the backtest: prints scores next to those of a random walk, ARIMA,
    GARCH and others, with intervals and a verdict.
python -m apps.stock export
    Writes a SavedModel that takes raw prices: saved_models/stock/1/.
python -m apps.stock predict AAPL.csv [--plot=FILE.png] [--paths=5]
    Prints a forecast of each day after the end of the file, and random price
    paths; FILE.csv:AAPL is one ticker of a file of several. test:3 is the
    fourth window of the backtest, in one line.

This is not financial advice. Nobody forecasts prices reliably; where the app
does not, it says so.
"""

from apps.stock.config import StockConfig
from apps.stock.data import DATASETS
from common.app import App


class Stock(App):
    """Many-to-many: forecasts the distribution of each coming day's price.

    Not financial advice.
    """

    name = "stock"
    Config = StockConfig
    datasets = DATASETS
    example_inputs = ("test:0", "test:1", "test:2", "test:3")
    limitations = (
        "Not financial advice. The model knows past prices and its covariates, "
        "and nothing of news, companies or economies. Nobody forecasts prices "
        "reliably; see the verdict of the backtest. The bands hold as long as "
        "the market moves as it did in the training period."
    )

    @staticmethod
    def model_class():
        from apps.stock.model.forecaster import Forecaster

        return Forecaster

    @staticmethod
    def evaluation_class():
        from apps.stock.evaluation.evaluation import StockEvaluation

        return StockEvaluation

    @staticmethod
    def interface_class():
        from apps.stock.cli.interface import StockInterface

        return StockInterface
