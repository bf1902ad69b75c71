"""Dynamic evaluation: training continues on the text that is read."""

import itertools
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from apps.language_model.evaluation import reading
from apps.language_model.model import streams

STEPS = 5  # Tokens between two updates.
RATES = (0.0005, 0.001, 0.002, 0.004)
DECAYS = (0.002, 0.02, 0.05)
TUNING_TOKENS = 10_000  # Of the validation text.
# The size of the gradients is estimated from windows of the training text.
WINDOWS = 200
STREAMS = 100  # Rows of such a window.
EPSILON = 1e-3  # Added to the gradients' root mean square.


class DynamicSettings(NamedTuple):
    r"""The settings of dynamic evaluation.

    Attributes:
      rate: $\eta$, the learning rate.
      decay: $\lambda$, the rate of return to the trained weights.
    """

    rate: float
    decay: float


class DynamicEvaluation:
    r"""Updates the weights of a model with the gradients of what it reads.

    Every few tokens, $\theta \leftarrow \theta - \eta \nabla L / (r +
    \epsilon) + \lambda \frac{r}{\bar r} (\theta_0 - \theta)$, with $r$ the root
    mean square of the gradients on the training text, $\bar r$ its mean, and
    $\theta_0$ the trained weights, to which the model returns with the rate
    $\lambda r / \bar r$, at most 1.

    Args:
      model: A `LanguageModel`; each call restores its weights.
      train: int32 (tokens,); ids of the training text.

    Reference: Krause et al., Dynamic Evaluation of Neural Sequence Models,
    2018.
    """

    def __init__(self, model, train: np.ndarray):
        self.model = model
        self.trained = [tf.identity(v) for v in model.trainable_variables]
        self.sizes = self._gradient_sizes(train)
        mean = tf.reduce_sum([tf.reduce_sum(r) for r in self.sizes])
        mean /= sum(float(tf.size(r)) for r in self.sizes)
        self.decay_scales = [r / mean for r in self.sizes]
        self.update = tf.function(
            self._update, reduce_retracing=True, autograph=False
        )

    def _gradient_sizes(self, train):
        """Returns the root mean square of each weight's gradient."""
        epoch = streams.windows(train, STREAMS, STEPS, varied=False)
        totals = [tf.Variable(tf.zeros_like(v)) for v in self.trained]
        states, count = self.model.network.zero_states(STREAMS), 0

        @tf.function(autograph=False)
        def add(inputs, targets, states):
            gradients, _, _, states = self._gradients(
                inputs["tokens"], targets, states
            )
            for total, gradient in zip(totals, gradients):
                total.assign_add(gradient**2)
            return states

        for inputs, targets in epoch(None).take(WINDOWS):
            states, count = add(inputs, targets, states), count + 1
        return [tf.sqrt(total / count) for total in totals]

    def _gradients(self, tokens, targets, states):
        """Returns the gradients, and the results of `Scorer.follow`."""
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            log_probabilities, vectors, states = self.model.scorer.follow(
                tokens, targets, states
            )
            loss = -tf.reduce_mean(log_probabilities)
        gradients = tape.gradient(
            loss,
            [variable.value for variable in variables],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        return gradients, log_probabilities, vectors, states

    def _update(self, tokens, targets, states, rate, decay):
        """Predicts a few tokens, then learns from them; see `Scorer.follow`."""
        gradients, log_probabilities, vectors, states = self._gradients(
            tokens, targets, states
        )
        for variable, trained, size, scale, gradient in zip(
            self.model.trainable_variables,
            self.trained,
            self.sizes,
            self.decay_scales,
            gradients,
        ):
            back = tf.minimum(decay * scale, 1.0) * (trained - variable.value)
            variable.assign_add(back - rate * gradient / (size + EPSILON))
        return log_probabilities, vectors, states

    def read(
        self, ids: np.ndarray, settings: DynamicSettings
    ) -> reading.Reading:
        """Reads a text while learning from it.

        Args:
          ids: int32 (tokens,).
          settings: Learning rate and decay.
        """
        rate, decay = map(tf.constant, settings)

        def follow(*arguments):
            return self.update(*arguments, rate, decay)

        states = self.model.network.zero_states(1)
        result = reading.read(follow, states, ids, STEPS)
        for variable, trained in zip(
            self.model.trainable_variables, self.trained
        ):
            variable.assign(trained)
        return result

    def tune(self, ids: np.ndarray) -> DynamicSettings:
        """Returns the settings that maximize the likelihood of a text.

        Args:
          ids: int32 (tokens,); the first `TUNING_TOKENS` are read.
        """
        candidates = itertools.starmap(
            DynamicSettings, itertools.product(RATES, DECAYS)
        )
        return max(
            candidates,
            key=lambda settings: self.read(
                ids[:TUNING_TOKENS], settings
            ).log_probabilities.sum(),
        )
