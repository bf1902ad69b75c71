"""Examples of labeled texts."""

LABELS = {"0": 0, "neg": 0, "negative": 0, "1": 1, "pos": 1, "positive": 1}


def labeled(texts, labels):
    """Returns a data set of ({"text": string}, {"label": float}).

    Args:
      texts: Strings or bytes.
      labels: 1 for positive, 0 for negative.
    """
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(
        (
            {"text": tf.constant(texts, tf.string)},
            {"label": tf.constant(labels, tf.float32)},
        )
    )
