"""The options of the video app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class VideoConfig(Config):
    """Options of a labeler of frames, its training and its answers."""

    columns: str = options.columns("file,start,end,label")
    network: str = option(
        "cnn_rnn",
        "cnn_rnn: features of each frame, then recurrent layers (--cell) over "
        "time; conv_lstm, conv_gru: convolutional recurrent layers.",
        group="Model",
        choices=["cnn_rnn", "conv_lstm", "conv_gru"],
    )
    cell: str = options.cell("gru")
    units: int = options.units(96)
    depth: int = options.depth()
    bidirectional: bool = option(
        False,
        "Read each clip in both directions: then the label of a frame depends "
        "on the frames after it, and streams cannot be answered.",
        group="Model",
    )
    differences: bool = option(
        True,
        "Also read what changes from each frame to the next.",
        group="Model",
    )
    dropout: float = options.dropout()
    image_size: int = option(
        32,
        "Side in pixels to which frames are scaled.",
        group="Model",
        minimum=8,
        maximum=512,
    )
    epochs: int = option(
        12, "Passes over the training clips.", group="Training", minimum=1
    )
    batch_size: int = option(
        16, "Clips per training step.", group="Training", minimum=1
    )
    learning_rate: float = options.cosine_learning_rate(4e-3)
    timeline: str = option(
        "",
        "With predict: .png file that shows the probabilities of a clip over "
        "time.",
        group="Prediction",
        affects="nothing",
    )
