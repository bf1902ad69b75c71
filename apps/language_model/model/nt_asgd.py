"""Stochastic gradient descent that averages its weights once it stalls."""

import keras
from keras import ops

WAITS = 5  # Epochs without a better validation loss.


@keras.saving.register_keras_serializable("unroll")
class NTASGD(keras.optimizers.SGD):
    """Non-monotonically triggered averaged SGD.

    Plain SGD until the validation loss was better more than `WAITS` epochs
    ago; from then on, the mean of the weights after each step is what is
    validated and kept, while the steps go on from the last weights.

    Args:
      **kwargs: arguments of `keras.optimizers.SGD`.

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
        # Saved like all of the optimizer: a run may go on in validation.
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

    def swap(self, shown: bool) -> None:
        """Puts the means in the place of the weights, or these back.

        Nothing happens where that is so already, or there are no means yet.
        """
        if int(self.steps) and int(self.swapped) != shown:
            for variable, mean in zip(self._trainable_variables, self.means):
                value = ops.copy(variable)
                variable.assign(mean)
                mean.assign(value)
            self.swapped.assign(int(shown))

    def watch(self, losses: list[float]) -> None:
        """Begins to average if the loss has stalled.

        Args:
          losses: of validation, after each epoch until now.
        """
        before = losses[: -WAITS - 1]
        if before and losses[-1] > min(before):
            self.triggered.assign(1)
