"""Optimizers and learning-rate schedules that the models of apps share."""

import abc

import keras


def cosine_adam(
    learning_rate: float, steps: int, final_share: float = 0.0
) -> keras.optimizers.Adam:
    """Returns Adam whose learning rate decays along a cosine.

    Args:
      learning_rate: The initial rate.
      steps: Training steps until the end of the decay.
      final_share: The rate at the end, as a share of the initial one.

    Reference: Loshchilov & Hutter, SGDR: Stochastic Gradient Descent with
    Warm Restarts, 2017; Kingma & Ba, Adam, 2015.
    """
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate, steps, alpha=final_share
    )
    return keras.optimizers.Adam(schedule)


class AveragingOptimizer(abc.ABC):
    """An optimizer that also keeps an average of the weights.

    The training loop validates and checkpoints the average, and continues
    training from the last weights. Whether the average is in place must be a
    variable of the optimizer: a run may be resumed in between.
    """

    @abc.abstractmethod
    def use_average(self) -> None:
        """Puts the average in the place of the weights, if there is one."""

    @abc.abstractmethod
    def use_last_weights(self) -> None:
        """Undoes `use_average`."""

    @abc.abstractmethod
    def end_epoch(self, losses: list[float]) -> None:
        """Takes note of the validation losses of all epochs so far."""
