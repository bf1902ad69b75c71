"""How a classifier is trained that starts from a language model."""

import keras
from keras import ops

DECAY = 2.6  # Of the learning rate, from each group of layers to the next.
WARM_UP = 0.1  # Share of the steps in which the learning rate increases.
RATIO = 32  # Of the highest to the lowest learning rate.


@keras.saving.register_keras_serializable("unroll")
class SlantedTriangle(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that increases for a short, decreases for a long time.

    Both are linear.

    Args:
      highest: Learning rate after a tenth of the steps.
      steps: Training steps.

    Reference: Howard & Ruder, Universal Language Model Fine-tuning for Text
    Classification, ACL 2018.
    """

    def __init__(self, highest, steps):
        self.highest, self.steps = highest, steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        peak = max(1.0, WARM_UP * self.steps)
        rest = max(1.0, self.steps - peak)
        share = ops.minimum(step / peak, 1 - (step - peak) / rest)
        share = ops.clip(share, 0.0, 1.0)
        return self.highest * (1 + share * (RATIO - 1)) / RATIO

    def get_config(self):
        return {"highest": self.highest, "steps": self.steps}


@keras.saving.register_keras_serializable("unroll")
class GradualAdam(keras.optimizers.Adam):
    r"""Adam that trains the layers of a classifier from the last one down.

    Group $g$ of the variables, counted from the output, has the learning rate
    $\eta / 2.6^g$ (discriminative fine-tuning), and is trained from epoch $g$
    on (gradual unfreezing). The moments are those of all steps.

    Args:
      learning_rate: $\eta$; a number or a schedule.
      groups: A dict from the path of each variable to its group.
      steps_per_epoch: Training steps of an epoch.

    Reference: Howard & Ruder, Universal Language Model Fine-tuning for Text
    Classification, ACL 2018.
    """

    def __init__(self, learning_rate, groups, steps_per_epoch, **kwargs):
        # Short memories, as in the reference: the gradients change at once
        # when a group is unfrozen.
        options = {"beta_1": 0.7, "beta_2": 0.99, **kwargs}
        super().__init__(learning_rate, **options)
        self.groups, self.steps_per_epoch = dict(groups), steps_per_epoch

    def build(self, variables):
        super().build(variables)
        self._group_of = [self.groups[variable.path] for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        group = self._group_of[self._get_variable_index(variable)]
        is_trained = self.iterations >= group * self.steps_per_epoch
        share = ops.where(is_trained, DECAY**-group, 0.0)
        share = ops.cast(share, variable.dtype)
        super().update_step(gradient, variable, learning_rate * share)

    def get_config(self):
        return {
            **super().get_config(),
            "groups": self.groups,
            "steps_per_epoch": self.steps_per_epoch,
        }


def optimizer(
    layers: list[keras.Layer],
    learning_rate: float,
    steps_per_epoch: int,
    epochs: int,
) -> GradualAdam:
    """Returns the optimizer of a classifier.

    Args:
      layers: Its layers, built; the one next to the output first. Each is a
        group.
      learning_rate: The highest one of the first group.
      steps_per_epoch: Training steps of an epoch.
      epochs: Epochs.
    """
    paths = {
        variable.path: group
        for group, layer in enumerate(layers)
        for variable in layer.trainable_variables
    }
    schedule = SlantedTriangle(learning_rate, steps_per_epoch * epochs)
    return GradualAdam(schedule, paths, steps_per_epoch)
