"""The loss of sequences of tokens."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("unroll")
class TokenCrossentropy(keras.losses.Loss):
    r"""Mean cross-entropy of the tokens of a batch in nats, without padding.

    With smoothing $\epsilon$ the target distribution is $1 - \epsilon$ for the
    token plus $\epsilon / n$ for each of the $n$ tokens of the vocabulary.

    Args:
      label_smoothing: float $\epsilon$ in [0, 1).

    Call arguments:
      y_true: int tensor (batch, steps); 0 is padding.
      y_pred: float tensor (batch, steps, vocabulary) of logits.
      sample_weight: float tensor (batch,); a weight for each sequence. The
        sum is divided by the number of all tokens, whatever their weights.

    Reference: Szegedy et al., Rethinking the Inception Architecture for
    Computer Vision, 2016.
    """

    def __init__(self, label_smoothing: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.label_smoothing = label_smoothing

    def __call__(self, y_true, y_pred, sample_weight=None):
        weights = 1.0 if sample_weight is None else sample_weight
        return token_crossentropy(y_true, y_pred, self.label_smoothing, weights)

    def get_config(self):
        config = super().get_config()
        return {**config, "label_smoothing": self.label_smoothing}


def token_crossentropy(
    targets: tf.Tensor,
    logits: tf.Tensor,
    label_smoothing: float | tf.Tensor = 0.0,
    weights: tf.Tensor | float = 1.0,
) -> tf.Tensor:
    """Returns the loss of `TokenCrossentropy`.

    Args:
      targets: int (batch, steps); 0 is padding.
      logits: (batch, steps, vocabulary).
      label_smoothing: A number, or a scalar tensor; a Python 0 skips it.
      weights: (batch,), or one for all sequences.

    Raises:
      ValueError: The weights have another rank, such as one for each token.
    """
    weights = tf.convert_to_tensor(weights, logits.dtype)
    if weights.shape.rank not in (0, 1):
        raise ValueError(
            "TokenCrossentropy takes one weight per sequence, got weights of "
            f"shape {weights.shape}."
        )
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    if tf.is_tensor(label_smoothing) or label_smoothing:
        # -log p = log sum exp z - z: the first term is the same for all.
        chosen = tf.gather(logits, targets, batch_dims=2)
        mean = tf.reduce_mean(logits, -1)
        nats += label_smoothing * (chosen - mean)
    is_token = tf.cast(targets > 0, nats.dtype)
    sums = tf.reduce_sum(nats * is_token, 1)
    return tf.reduce_sum(sums * weights) / tf.reduce_sum(is_token)
