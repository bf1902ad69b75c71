"""The arguments of a labeler of frames."""

import dataclasses

SINGLE_FRAMES = "single_frames"  # The network of a baseline.


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `FrameLabeler`.

    Attributes:
      labels: Names of the labels.
      network: "cnn_rnn", "conv_lstm", "conv_gru", or "single_frames": a
        baseline without recurrent layers.
      cell: See `layers.RecurrentStack`; of "cnn_rnn".
      units: Units, or filters of convolutional layers, in each direction.
      depth: Number of recurrent layers.
      bidirectional: Whether to read backward, too.
      differences: Whether to read the change of each frame, too.
      dropout: Dropout rate of the features and of the states.
      image_size: Side in pixels to which frames are scaled.
    """

    labels: list[str]
    network: str
    cell: str
    units: int
    depth: int
    bidirectional: bool
    differences: bool
    dropout: float
    image_size: int
