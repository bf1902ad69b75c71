"""The arguments of a translator."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Arguments of a `Translator`, besides its tokenizers.

    Attributes:
      max_tokens: Maximum number of tokens of a source and of a translation.
      embedding_size: See `layers.TokenDecoder`; the encoder has the same.
      cell: The same.
      units: The same.
      depth: The same.
      bidirectional: Whether the encoder reads in both directions, with half of
        the units in each.
      residual: See `layers.TokenDecoder`; the encoder has the same.
      reverse_source: Whether the encoder reads the last token first (Sutskever
        et al. 2014).
      attention: See `layers.TokenDecoder`.
      input_feeding: The same.
      tied: The same.
      dropout: The same.
      teacher_forcing: The share of target tokens that the decoder reads at the
        last training step, instead of its own (scheduled sampling). It decays
        linearly from 1.
      steps: Number of training steps.
    """

    max_tokens: int
    embedding_size: int
    cell: str
    units: int
    depth: int
    bidirectional: bool
    residual: bool
    reverse_source: bool
    attention: str
    input_feeding: bool
    tied: bool
    dropout: float
    teacher_forcing: float
    steps: int
