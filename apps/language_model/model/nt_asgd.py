"""Stochastic gradient descent that averages its weights once it stalls."""

import keras
from keras import ops

from common.training.optimizers import AveragingOptimizer

NON_MONOTONE_INTERVAL = 5  # Epochs without a better validation loss.


@keras.saving.register_keras_serializable("unroll")
class NTASGD(AveragingOptimizer, keras.optimizers.SGD):
    """Non-monotonically triggered averaged SGD.

    Plain SGD, until the validation loss is worse than the best one of more
    than `NON_MONOTONE_INTERVAL` epochs ago. From then on, the mean of the
    weights after each step is validated and kept, and training continues from
    the last weights.

    Args:
      **kwargs: Arguments of `keras.optimizers.SGD`.

    Reference: Merity, Keskar & Socher, Regularizing and Optimizing LSTM
    Language Models, 2018; Polyak & Juditsky, Acceleration of Stochastic
    Approximation by Averaging, 1992.
    """

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.means = self.add_optimizer_variables(variables, "mean")
        self.steps = self._scalar("averaged_steps")
        # Variables, as a run may be resumed within a validation.
        self.triggered = self._scalar("triggered")
        self.swapped = self._scalar("swapped")

    def _scalar(self, name):
        return self.add_variable((), "zeros", "int32", name=name)

    def apply(self, grads, trainable_variables=None):
        self.steps.assign_add(self.triggered)
        super().apply(grads, trainable_variables)

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate)
        mean = self.means[self._get_variable_index(variable)]
        share = ops.cast(self.triggered, mean.dtype)
        share /= ops.cast(ops.maximum(self.steps, 1), mean.dtype)
        self.assign_add(mean, (variable - mean) * share)

    def use_average(self):
        if int(self.steps) and not int(self.swapped):
            self._swap()

    def use_last_weights(self):
        if int(self.swapped):
            self._swap()

    def end_epoch(self, losses):
        earlier = losses[: -NON_MONOTONE_INTERVAL - 1]
        if earlier and losses[-1] > min(earlier):
            self.triggered.assign(1)

    def _swap(self):
        """Exchanges the weights and their means."""
        for variable, mean in zip(self._trainable_variables, self.means):
            value = ops.copy(variable)
            variable.assign(mean)
            mean.assign(value)
        self.swapped.assign(1 - self.swapped)
