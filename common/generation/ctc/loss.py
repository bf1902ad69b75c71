"""The loss of connectionist temporal classification (CTC)."""

import tensorflow as tf

# Lowest logit, in nats below the highest one of its frame. TensorFlow's op
# computes probabilities, which are zero in float32 from -87 on.
FLOOR = -80.0


def ctc_loss(
    labels: tf.Tensor,
    logits: tf.Tensor,
    label_lengths: tf.Tensor,
    logit_lengths: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    r"""Returns $-\log p$ of each row's labels, and whether these are possible.

    $p = \sum_\pi \prod_t y_t(\pi_t)$ over all paths $\pi$ of one token per
    frame that are the labels after repeated tokens are merged and blanks
    removed; $y$ is the softmax of the logits. An empty transcript has one path,
    all blanks. Labels are impossible if they need more frames than there are:
    one for each label, and one more between two equal labels in a row. Losses
    and gradients are finite. Logits more than 80 below the highest one of their
    frame count as 80 below.

    It is TensorFlow's sparse op, on a CPU several times as fast as the dense
    one of `keras.ops.ctc_loss`: `python -m benchmarks.ctc`.

    Args:
      labels: int (batch, labels); tokens from 1, any values as padding.
      logits: (batch, frames, 1 + tokens); token 0 is the blank.
      label_lengths: int (batch,).
      logit_lengths: int (batch,); number of frames of each row.

    Returns:
      Losses in nats, float32 (batch,), 0 with gradient 0 for impossible
      labels; and bool (batch,), whether the labels are possible.

    Reference: Graves et al., Connectionist Temporal Classification: Labelling
    Unsegmented Sequence Data with Recurrent Neural Networks, 2006.
    """
    possible = is_possible(labels, label_lengths, logit_lengths)
    is_frame = tf.sequence_mask(logit_lengths, tf.shape(logits)[1])
    # Padding may be NaN: it must not reach the products of a gradient.
    logits = tf.where(is_frame[..., None], tf.cast(logits, tf.float32), 0.0)
    logits = _floored(logits)
    is_labeled = possible & (label_lengths > 0)
    losses = tf.where(
        is_labeled,
        _labeled_losses(
            labels, logits, label_lengths, logit_lengths, is_labeled
        ),
        _empty_losses(logits, is_frame),
    )
    return tf.where(possible, losses, 0.0), possible


def is_possible(
    labels: tf.Tensor, label_lengths: tf.Tensor, logit_lengths: tf.Tensor
) -> tf.Tensor:
    """Returns whether rows have a frame for each label, bool (batch,).

    Args:
      labels: See `ctc_loss`.
      label_lengths: See `ctc_loss`.
      logit_lengths: See `ctc_loss`.
    """
    is_label = tf.sequence_mask(label_lengths, tf.shape(labels)[1])
    repeats = (labels[:, 1:] == labels[:, :-1]) & is_label[:, 1:]
    blanks = tf.reduce_sum(tf.cast(repeats, label_lengths.dtype), 1)
    return label_lengths + blanks <= tf.cast(logit_lengths, blanks.dtype)


def _empty_losses(logits, is_frame):
    """Returns the losses of empty transcripts, whose path is all blanks."""
    nats = tf.reduce_logsumexp(logits, -1) - logits[..., 0]
    return tf.reduce_sum(tf.where(is_frame, nats, 0.0), 1)


def _labeled_losses(labels, logits, label_lengths, logit_lengths, is_labeled):
    """Returns the losses of the labeled rows, and finite ones of the others."""
    # The op refuses an empty transcript and one without frames: the others get
    # one label and one frame.
    missing = tf.cast(tf.shape(logits)[1] == 0, tf.int32)
    logits = tf.pad(logits, [[0, 0], [0, missing], [0, 0]])
    labels = tf.pad(labels, [[0, 0], [0, 1]], constant_values=1)
    labels = tf.where(is_labeled[:, None], labels, 1)
    label_lengths = tf.where(is_labeled, label_lengths, 1)
    places = tf.where(tf.sequence_mask(label_lengths, tf.shape(labels)[1]))
    losses, _ = tf.raw_ops.CTCLoss(
        # Its blank is the last token, and its first axis is time.
        inputs=tf.transpose(tf.roll(logits, -1, 2), [1, 0, 2]),
        labels_indices=places,
        labels_values=tf.cast(tf.gather_nd(labels, places) - 1, tf.int32),
        sequence_length=tf.cast(
            tf.where(is_labeled, logit_lengths, 1), tf.int32
        ),
    )
    return losses


@tf.custom_gradient
def _floored(logits):
    """Returns logits from `FLOOR` to 0, with the gradient of the identity.

    So a label whose logit is too low is still raised.
    """
    logits -= tf.reduce_max(logits, -1, keepdims=True)
    return tf.maximum(logits, FLOOR), lambda gradient: gradient
