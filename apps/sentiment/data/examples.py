"""Examples of labeled texts."""

LABELS = {"0": 0, "neg": 0, "negative": 0, "1": 1, "pos": 1, "positive": 1}


def labeled(texts, labels):
    """Returns a data set of ({"text": string}, {"label": float or string}).

    Args:
      texts: Strings or bytes.
      labels: 1 for positive, 0 for negative; or the names of classes.
    """
    import tensorflow as tf

    is_named = bool(labels) and isinstance(labels[0], str)
    return tf.data.Dataset.from_tensor_slices(
        (
            {"text": tf.constant(texts, tf.string)},
            {"label": tf.constant(labels, "string" if is_named else "float32")},
        )
    )
