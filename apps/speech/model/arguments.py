"""The arguments of a speech recognizer."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `Recognizer`.

    Attributes:
      characters: Of the transcripts, in the order of their ids from 1 on; 0
        is the blank of CTC.
      decoder: A key of `recognizer.DECODERS`.
      sample_rate: Samples a second that the network reads.
      mels: Log-mel features of each frame.
      cell: See `layers.RecurrentStack`.
      units: Units in each direction.
      depth: Number of recurrent layers.
      bidirectional: Whether to read backward, too.
      lookahead: Steps that are read before an answer; without `bidirectional`.
      dropout: Dropout rate of the inputs of recurrent layers and decoders.
      attention: See `layers.TokenDecoder`; with the decoder "attention".
      label_smoothing: See `losses.TokenCrossentropy`; the same.
      speed: See `augmentation.Augmentation`.
      pitch: The same.
      gain: The same.
      noise: The same.
      mask_share: The same.
      prior: Without `bidirectional`: mean and deviation of each feature of the
        training recordings, with which recordings begin to be normalized.
    """

    characters: list[str]
    decoder: str
    sample_rate: int
    mels: int
    cell: str
    units: int
    depth: int
    bidirectional: bool
    lookahead: int
    dropout: float
    attention: str
    label_smoothing: float
    speed: float
    pitch: float
    gain: float
    noise: float
    mask_share: float
    prior: Sequence[Sequence[float]] = ()
