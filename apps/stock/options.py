"""The options of the stock app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class StockConfig(Config):
    """What can be asked of a forecaster, and of its training."""

    dataset: str = option(
        "sample",
        "sample (simulated markets, other ones for each --seed), or prices: "
        "the .csv files of --data_dir, one for each ticker.",
    )
    tickers: str = option(
        "", "Those to use, with commas between them; all if empty."
    )
    date_column: str = option("Date", "Column of the days of a .csv file.")
    price_column: str = option(
        "Adj Close", "Column of the prices, adjusted for splits."
    )
    target: str = option(
        "price",
        "What is forecast: the price, the log return of each coming day, or "
        "the size of that (volatility).",
        choices=["price", "return", "volatility"],
    )
    horizon: int = option(10, "Days that are forecast.", minimum=1, maximum=60)
    window: int = option(
        60, "Days that are read before them.", minimum=5, maximum=500
    )
    distribution: str = option(
        "student_t",
        "What the network tells of a day.",
        choices=["student_t", "quantiles"],
    )
    loss: str = option(
        "likelihood",
        "What it is trained by; quantiles need crps.",
        choices=["likelihood", "crps"],
    )
    test_start: str = option(
        "",
        "First day of the backtest, such as 2008-01-01; if empty, the last "
        "quarter of the days is for it.",
    )
    test_end: str = option("", "The day after its last; all if empty.")
    folds: int = option(
        1,
        "Parts of the backtest: the baselines are fitted anew before each.",
        minimum=1,
        maximum=100,
        of_run=False,
    )
    refit: bool = option(
        False,
        "Whether a network is trained anew before each fold, too, by evaluate: "
        "in <run_dir>/folds/.",
        of_run=False,
    )
    cell: str = option("lstm", "Recurrent cell.", choices=options.CELLS)
    units: int = option(32, "Size of the state.", minimum=1)
    depth: int = option(
        1, "Recurrent layers, in encoder and decoder.", minimum=1
    )
    dropout: float = option(
        0.1,
        "Share of the inputs of each layer hidden in training.",
        minimum=0,
        maximum=0.9,
    )
    embedding_size: int = option(4, "Size of a ticker's vector.", minimum=1)
    epochs: int = option(15, "Passes over the training windows.", minimum=1)
    learning_rate: float = option(
        2e-3, "Step size of Adam at the start; it falls to 0.", minimum=0
    )
    paths: int = option(
        0,
        "With predict: so many ways in which the days may go, drawn from what "
        "is told of them, with --seed.",
        minimum=0,
        maximum=1000,
        of_run=False,
    )
    plot: str = option(
        "",
        "A file .png: of evaluate, backtest, calibration and skill; of "
        "predict, the last year and the days to come.",
        of_run=False,
    )
