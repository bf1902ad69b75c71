"""The options of the video forecasting app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option
from common.errors import UsageError


@dataclasses.dataclass(frozen=True, kw_only=True)
class VideoForecastConfig(Config):
    """Options of a forecaster, its training and its answers."""

    context: int = option(
        8,
        "Number of frames read before the forecast.",
        group="Model",
        minimum=2,
        maximum=1000,
    )
    horizon: int = option(
        8,
        "Number of frames to forecast.",
        group="Model",
        minimum=1,
        maximum=1000,
    )
    frame_size: int = option(
        32,
        "Side in pixels to which frames are scaled; a multiple of "
        "--patch_size.",
        group="Model",
        minimum=4,
        maximum=512,
    )
    patch_size: int = option(
        4,
        "Side of a patch in pixels; each patch is one position of the feature "
        "map.",
        group="Model",
        minimum=1,
        maximum=64,
    )
    cell: str = option(
        "conv_lstm2d",
        "Convolutional recurrent cell: of ConvLSTM, ConvGRU, or PredRNN "
        "(st_lstm2d).",
        group="Model",
        choices=["conv_lstm2d", "conv_gru2d", "st_lstm2d"],
    )
    filters: int = option(
        48,
        "Filters of each recurrent layer.",
        group="Model",
        minimum=1,
        maximum=4096,
    )
    depth: int = options.depth(2)
    kernel_size: int = option(
        3,
        "Kernel size of the recurrent convolutions, in patches.",
        group="Model",
        minimum=1,
        maximum=31,
    )
    dropout: float = options.dropout(0.0)
    teacher_forcing: float = options.share(
        0.0,
        "Share of forecast steps that read the true frame before them at the "
        "end of scheduled sampling; the others read the model's own.",
        group="Training",
    )
    sampling_epochs: float = option(
        2.0,
        "Epochs of scheduled sampling, over which the share of true frames "
        "falls from 1 to --teacher_forcing.",
        group="Training",
        minimum=0,
    )
    epochs: int = option(
        4, "Passes over the training clips.", group="Training", minimum=1
    )
    batch_size: int = option(
        3, "Clips per training step.", group="Training", minimum=1
    )
    learning_rate: float = options.cosine_learning_rate(2e-3)
    black_level: float = option(
        0.0,
        "Values of forecast pixels below it, from 0 to 1, become black: the "
        "faint surroundings of blurred shapes.",
        group="Decoding",
        affects="answers",
        minimum=0,
        maximum=1,
    )
    plot: str = option(
        "",
        "With evaluate: .png file that shows the scores of each frame.",
        group="Evaluation",
        affects="nothing",
    )
    output_dir: str = option(
        "",
        "With predict: folder of the GIF and PNG files; <run_dir>/forecasts if "
        "empty.",
        group="Prediction",
        affects="nothing",
    )

    def __post_init__(self):
        """Raises UsageError if two options contradict each other."""
        super().__post_init__()
        if self.frame_size % self.patch_size:
            raise UsageError(
                f"--frame_size={self.frame_size} is not a multiple of "
                f"--patch_size={self.patch_size}: change one of them."
            )
