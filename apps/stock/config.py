"""The options of the stock app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option
from common.errors import UsageError


@dataclasses.dataclass(frozen=True, kw_only=True)
class StockConfig(Config):
    """Options of a forecaster, its training and its backtest."""

    tickers: str = option(
        "",
        "Tickers to use, separated by commas; all if empty.",
        group="Data",
    )
    date_column: str = option(
        "",
        "Column of a .csv file that holds the dates; if empty, it is "
        "recognized by its name.",
        group="Data",
        affects="nothing",
    )
    price_column: str = option(
        "",
        "Column of a .csv file that holds the prices, adjusted for splits; if "
        "empty, that of adjusted prices, else of closing prices.",
        group="Data",
        affects="nothing",
    )
    date_format: str = option(
        "",
        "Form of the dates in a .csv file, such as %d/%m/%Y; if empty, it is "
        "recognized.",
        group="Data",
        affects="nothing",
    )
    covariates: str = option(
        "",
        "Further columns of the .csv files for the network to read, separated "
        "by commas, such as rsi,vix; numbers that are known at the end of "
        "their day.",
        group="Data",
    )
    known_covariates: str = option(
        "",
        "Further columns whose values on the coming days are in the files, "
        "such as holiday,promotion.",
        group="Data",
    )
    test_start: str = option(
        "",
        "First day of the backtest, such as 2008-01-01; if empty, the backtest "
        "takes the last quarter of the days.",
        group="Data",
    )
    test_end: str = option(
        "",
        "Day after the last day of the backtest; if empty, the data end it.",
        group="Data",
    )
    target: str = option(
        "price",
        "What to forecast: the price, the log return of each day, or the "
        "absolute value of the log return (volatility).",
        group="Model",
        choices=["price", "return", "volatility"],
    )
    horizon: int = option(
        10,
        "Number of days to forecast.",
        group="Model",
        minimum=1,
        maximum=60,
    )
    window: int = option(
        60,
        "Number of days that the network reads.",
        group="Model",
        minimum=5,
        maximum=500,
    )
    distribution: str = option(
        "student_t",
        "Form of the forecast of each day; quantiles need --loss=crps.",
        group="Model",
        choices=["student_t", "quantiles"],
    )
    cell: str = options.cell()
    units: int = options.units(32)
    depth: int = options.depth()
    embedding_size: int = option(
        4, "Size of the embedding of a ticker.", group="Model", minimum=1
    )
    dropout: float = options.dropout()
    loss: str = option(
        "likelihood",
        "Training loss: negative log-likelihood or CRPS.",
        group="Training",
        choices=["likelihood", "crps"],
    )
    epochs: int = option(
        15, "Passes over the training windows.", group="Training", minimum=1
    )
    learning_rate: float = options.cosine_learning_rate(2e-3)
    folds: int = option(
        1,
        "Number of parts of the backtest; the baselines are fitted again "
        "before each.",
        group="Evaluation",
        affects="nothing",
        minimum=1,
        maximum=100,
    )
    refit: bool = option(
        False,
        "With evaluate: also train a new network before each fold after the "
        "first, in <run_dir>/extra/folds/.",
        group="Evaluation",
        affects="nothing",
    )
    plot: str = option(
        "",
        "A .png file to write: with evaluate, the backtest, its calibration "
        "and skill; with predict, the last year and the forecast.",
        group="Prediction",
        affects="nothing",
    )
    paths: int = option(
        0,
        "With predict: number of random price paths to draw from the "
        "forecast, with --seed.",
        group="Prediction",
        affects="nothing",
        minimum=0,
        maximum=1000,
    )

    def __post_init__(self):
        """Raises UsageError if a covariate is named twice."""
        super().__post_init__()
        names = [*self.covariate_names, *self.known_covariate_names]
        for name in names:
            if names.count(name) > 1:
                raise UsageError(
                    f"The covariate {name!r} is named twice: name it once, in "
                    "--covariates or in --known_covariates."
                )

    @property
    def covariate_names(self) -> list[str]:
        """The columns that --covariates names."""
        return _names(self.covariates)

    @property
    def known_covariate_names(self) -> list[str]:
        """The columns that --known_covariates names."""
        return _names(self.known_covariates)


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]
