"""The backend of Keras, to be imported before the layers."""

import os

# Before Keras, which fails with a message of its own if JAX or PyTorch is
# absent.
name = os.environ.get("KERAS_BACKEND") or "tensorflow"
if name == "tensorflow":
    import keras

    name = keras.config.backend()
if name != "tensorflow":
    raise ImportError(
        f"The layers run on TensorFlow, not on the Keras backend {name!r}: "
        "set KERAS_BACKEND=tensorflow before Keras is imported."
    )
