"""The loss of sequences of tokens."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("unroll")
class TokenCrossentropy(keras.losses.Loss):
    r"""Mean cross-entropy of the tokens of a batch in nats, without padding.

    With smoothing $\epsilon$ the target is $1 - \epsilon$ for the token, and
    $\epsilon / n$ for each of the $n$ of the vocabulary.

    Args:
      label_smoothing: float $\epsilon$ in [0, 1).

    Call arguments:
      y_true: int tensor (batch, steps); 0 is padding.
      y_pred: float tensor (batch, steps, vocabulary) of logits.

    Reference: Szegedy et al., Rethinking the Inception Architecture for
    Computer Vision, 2016.
    """

    def __init__(self, label_smoothing=0.0, **kwargs):
        super().__init__(**kwargs)
        self.label_smoothing = label_smoothing

    def __call__(self, y_true, y_pred, sample_weight=None):
        return token_crossentropy(y_true, y_pred, self.label_smoothing)

    def get_config(self):
        config = super().get_config()
        return {**config, "label_smoothing": self.label_smoothing}


def token_crossentropy(
    targets: tf.Tensor,
    logits: tf.Tensor,
    label_smoothing: float | tf.Tensor = 0.0,
    weights: tf.Tensor | float = 1.0,
) -> tf.Tensor:
    """Returns what `TokenCrossentropy` does, with a weight for each sequence.

    Args:
      targets: int (batch, steps); 0 is padding.
      logits: (batch, steps, vocabulary).
      label_smoothing: a Python 0 costs nothing.
      weights: (batch,); the mean is over all tokens, whatever they weigh.
    """
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    if tf.is_tensor(label_smoothing) or label_smoothing:
        # -log p = log sum exp z - z: the first term is the same for all.
        chosen = tf.gather(logits, targets, batch_dims=2)
        others = tf.reduce_mean(logits, -1)
        nats += label_smoothing * (chosen - others)
    there = tf.cast(targets > 0, nats.dtype)
    sums = tf.reduce_sum(nats * there, 1)
    return tf.reduce_sum(sums * weights) / tf.reduce_sum(there)
