"""The arguments of the model."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `Forecaster`.

    Attributes:
      tickers: Names of the training markets; others are forecast as an
        unknown market.
      forecastable: For each ticker, whether its location may move; see
        `forecastability`. That of unknown markets may not.
      window: Number of days that are read.
      horizon: Number of days that are forecast.
      target: "price", "return" or "volatility".
      distribution: "student_t" or "quantiles".
      embedding_size: Size of the embedding of a ticker.
      cell: See `layers.RecurrentStack`, as for the next three.
      units: Units of each recurrent layer.
      depth: Number of recurrent layers, in the encoder and in the decoder.
      dropout: Dropout rate of the inputs of each layer.
      covariates: Names of further columns, known at the end of their day.
      known_covariates: The same, known for the coming days, too.
      covariate_means: Of all these columns in the training split.
      covariate_deviations: Their standard deviations.
    """

    tickers: list[str]
    forecastable: list[bool]
    window: int
    horizon: int
    target: str
    distribution: str
    embedding_size: int
    cell: str
    units: int
    depth: int
    dropout: float
    covariates: list[str] = dataclasses.field(default_factory=list)
    known_covariates: list[str] = dataclasses.field(default_factory=list)
    covariate_means: list[float] = dataclasses.field(default_factory=list)
    covariate_deviations: list[float] = dataclasses.field(default_factory=list)
