"""The arguments of a forecaster."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `VideoForecaster`; see `config` for what is not here.

    Attributes:
      channels: 1 if all training clips are gray, else 3.
      sampling_steps: Training steps of scheduled sampling.
    """

    context: int
    horizon: int
    frame_size: int
    patch_size: int
    cell: str
    filters: int
    depth: int
    kernel_size: int
    dropout: float
    teacher_forcing: float
    channels: int
    sampling_steps: int
