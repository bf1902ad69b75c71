"""The arguments of a captioner."""

import dataclasses

import numpy as np

from common import app_model

MAX_CAPTIONS = 5  # Of a picture.
# Of a picture in a training step, if the encoder is trained: the memory of a
# step is better spent on more pictures.
DRAWN_CAPTIONS = 1


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a `Captioner`, apart from its parts.

    Attributes:
      fixed: Whether the encoder is not trained; the network then reads its
        features in the place of pixels.
      dropout: Dropout rate of the memory.
      max_tokens: Maximum number of tokens of a caption.
      captions: Captions of a picture.
      drawn: How many of them are drawn for a training step.
      steps: Number of training steps.
      self_critical_from: The first step of self-critical training; `steps` for
        none.
      teacher_forcing: Teacher forcing ratio at the last step; see
        `scheduled_sampling`.
      label_smoothing: See `losses.token_crossentropy`.
      doubly_stochastic: Weight of `attention_cost.doubly_stochastic`.
    """

    fixed: bool
    dropout: float
    max_tokens: int
    captions: int
    drawn: int
    steps: int
    self_critical_from: int
    teacher_forcing: float
    label_smoothing: float
    doubly_stochastic: float

    @property
    def has_self_critical_steps(self) -> bool:
        """Whether training ends with self-critical epochs."""
        return self.self_critical_from < self.steps


def derived(config, captions: np.ndarray, steps_per_epoch: int) -> Arguments:
    """Returns the arguments for a data set.

    Args:
      config: The options of the run.
      captions: bytes (pictures, captions) of the training split; the last ones
        of a picture may be empty.
      steps_per_epoch: Training steps of an epoch.
    """
    fixed = bool(config.encoder_weights) and not config.fine_tune
    count = int((captions != b"").sum(1).max())
    count = min(MAX_CAPTIONS, count)
    critical_epochs = min(config.self_critical_epochs, config.epochs)
    return app_model.arguments_from(
        Arguments,
        config,
        fixed=fixed,
        captions=count,
        drawn=count if fixed else min(count, DRAWN_CAPTIONS),
        steps=steps_per_epoch * config.epochs,
        self_critical_from=steps_per_epoch * (config.epochs - critical_epochs),
    )
