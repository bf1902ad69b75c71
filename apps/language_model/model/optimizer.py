"""The optimizer and its learning-rate schedule."""

import keras

from apps.language_model.model import nt_asgd

OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
    "nt_asgd": nt_asgd.NTASGD,
}


def create(config, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Returns the optimizer that the options choose."""
    return OPTIMIZERS[config.optimizer](
        _learning_rate(config, steps_per_epoch),
        weight_decay=config.weight_decay or None,
    )


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
