"""Dynamic evaluation: learning on from the text that is being read."""

import itertools

import numpy as np
import tensorflow as tf

from apps.language_model import reading
from apps.language_model import streams

STEPS = 5  # Tokens between two updates.
RATES = (0.0005, 0.001, 0.002, 0.004)
DECAYS = (0.002, 0.02, 0.05)
TUNED_ON = 10_000  # Tokens of the validation text.
WINDOWS = 200  # Of the training text, from which the gradients' size is known.
STREAMS = 100  # Side by side in such a window.
FLOOR = 1e-3  # Of the gradients' root mean square.


class Dynamic:
    r"""Changes the weights of a model by what it has just read.

    After each few tokens, $\theta \leftarrow \theta - \eta \nabla L / (r +
    \epsilon) + \lambda \frac{r}{\bar r} (\theta_0 - \theta)$, with $r$ the root
    mean square of the gradients on the training text, $\bar r$ its mean, and
    $\theta_0$ the weights that were learned, to which the model goes back with
    the rate $\lambda r / \bar r$, 1 at most.

    Args:
      model: a LanguageModel; its weights are as before after each call.
      train: int32 (tokens,); ids of the training text.

    Reference: Krause et al., Dynamic Evaluation of Neural Sequence Models,
    2018.
    """

    def __init__(self, model, train: np.ndarray):
        self.model = model
        self.learned = [tf.identity(v) for v in model.trainable_variables]
        self.sizes = self._sizes(train)
        mean = tf.reduce_sum([tf.reduce_sum(r) for r in self.sizes])
        mean /= sum(float(tf.size(r)) for r in self.sizes)
        self.pulls = [r / mean for r in self.sizes]
        self.segment = tf.function(self._segment, reduce_retracing=True)

    def _sizes(self, train):
        """Returns the root mean square of each weight's gradient."""
        epoch = streams.windows(train, STREAMS, STEPS, varied=False)
        totals = [tf.Variable(tf.zeros_like(v)) for v in self.learned]
        states, count = self.model.network.zeros(STREAMS), 0

        @tf.function
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
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            logs, vectors, states = self.model.follow(tokens, targets, states)
            loss = -tf.reduce_mean(logs)
        gradients = tape.gradient(
            loss,
            [variable.value for variable in variables],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        return gradients, logs, vectors, states

    def _segment(self, tokens, targets, states, rate, decay):
        gradients, logs, vectors, states = self._gradients(
            tokens, targets, states
        )
        for variable, learned, size, pull, gradient in zip(
            self.model.trainable_variables,
            self.learned,
            self.sizes,
            self.pulls,
            gradients,
        ):
            back = tf.minimum(decay * pull, 1.0) * (learned - variable.value)
            variable.assign_add(back - rate * gradient / (size + FLOOR))
        return logs, vectors, states

    def read(
        self, ids: np.ndarray, rate: float, decay: float
    ) -> tuple[np.ndarray, np.ndarray]:
        r"""Returns as `reading.read`, of a model that learns on.

        Args:
          ids: int32 (tokens,).
          rate: $\eta$.
          decay: $\lambda$.
        """
        rate, decay = tf.constant(rate), tf.constant(decay)

        def follow(*arguments):
            return self.segment(*arguments, rate, decay)

        found = reading.read(follow, self.model.network.zeros(1), ids, STEPS)
        for variable, learned in zip(
            self.model.trainable_variables, self.learned
        ):
            variable.assign(learned)
        return found

    def tune(self, ids: np.ndarray) -> tuple[float, float]:
        """Returns rate and decay under which a text is most probable."""
        some = ids[:TUNED_ON]
        return max(
            itertools.product(RATES, DECAYS),
            key=lambda pair: self.read(some, *pair)[0].sum(),
        )
