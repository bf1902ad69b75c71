"""The optimizer and its learning-rate schedule."""

import keras

from apps.language_model.model import nt_asgd

OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
    "nt_asgd": nt_asgd.NTASGD,
}


@keras.saving.register_keras_serializable("unroll")
class WindowRate(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate in proportion to the length of the window.

    All of a step is scaled: the penalties of the loss and the weight decay,
    too, and after the gradients are clipped.

    Args:
      rate: The rate of a window of mean length: a number or a schedule.

    Attributes:
      share: Variable; length of the current window over the mean length.

    Reference: Merity, Keskar & Socher, Regularizing and Optimizing LSTM
    Language Models, 2018.
    """

    def __init__(self, rate):
        self.rate = rate
        self.share = keras.Variable(1.0, trainable=False, name="window_share")

    def __call__(self, step):
        rate = self.rate(step) if callable(self.rate) else self.rate
        return rate * self.share

    def get_config(self):
        return {"rate": keras.saving.serialize_keras_object(self.rate)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config["rate"]))


def create(
    config, steps_per_epoch: int
) -> tuple[keras.optimizers.Optimizer, WindowRate | None]:
    """Returns the optimizer that the options choose.

    If the windows vary in length, its learning rate is also returned, for the
    model to set its share.
    """
    rate = _learning_rate(config, steps_per_epoch)
    window_rate = WindowRate(rate) if config.vary_unroll else None
    return OPTIMIZERS[config.optimizer](
        window_rate or rate, weight_decay=config.weight_decay or None
    ), window_rate


def _learning_rate(config, steps_per_epoch):
    """Returns a constant rate, a cosine schedule or an exponential decay."""
    schedules, rate = keras.optimizers.schedules, config.learning_rate
    decay = config.learning_rate_decay
    if not decay:
        return schedules.CosineDecay(rate, steps_per_epoch * config.epochs)
    decayed = range(config.full_epochs, config.epochs)
    if decay == 1 or not decayed:
        return rate
    return schedules.PiecewiseConstantDecay(
        [steps_per_epoch * epoch - 1 for epoch in decayed],
        [rate * decay**n for n in range(len(decayed) + 1)],
    )
