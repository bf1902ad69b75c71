"""The arguments of a composer."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `Composer`.

    Attributes:
      network: A key of `composer.HEADS`.
      frames_per_beat: Frames of a quarter note.
      ranges: Lowest and highest pitch of the training pieces, as indices of
        `frames`: one pair for each voice, or one for all keys.
      cell: See `layers.RecurrentStack`.
      units: Units of each recurrent layer.
      depth: Number of recurrent layers.
      frame_units: Hidden units of the distribution of a frame.
      attention_frames: See `recent_attention.RecentAttention`; 0 for none.
      dropout: Dropout rate of the inputs of recurrent layers and of the
        distribution.
      transpose: See `transposition.transpose`.
      window: See `windows.cut`.
    """

    network: str
    frames_per_beat: int
    ranges: list[list[int]]
    cell: str
    units: int
    depth: int
    frame_units: int
    attention_frames: int
    dropout: float
    transpose: int
    window: int
