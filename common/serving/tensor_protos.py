"""NumPy arrays as the messages of TensorFlow, and back."""

import math

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from common.serving import refusals

# TensorFlow Serving writes values, not their bytes, and clients read them.
_FIELDS = {
    tf.float32: "float_val",
    tf.float64: "double_val",
    tf.int8: "int_val",
    tf.int16: "int_val",
    tf.int32: "int_val",
    tf.int64: "int64_val",
    tf.uint8: "int_val",
    tf.uint32: "uint32_val",
    tf.uint64: "uint64_val",
    tf.bool: "bool_val",
    tf.string: "string_val",
}


def read(
    name: str, message: tensor_pb2.TensorProto, max_bytes: int
) -> np.ndarray:
    """Returns the array in a message.

    Args:
      name: Of the input, for the refusal.
      message: Of a client: its shape need not fit its values.
      max_bytes: Of the array; a short message may describe a huge one.

    Raises:
      Refusal: There is none, or it is too large.
    """
    sizes = [dim.size for dim in message.tensor_shape.dim]
    if min(sizes, default=0) < 0 or message.tensor_shape.unknown_rank:
        raise refusals.invalid(f"Input {name!r} has no shape.")
    if 8 * math.prod(sizes) > max(8, max_bytes):
        raise refusals.too_large(
            f"Input {name!r} has the shape {sizes}: too large."
        )
    try:
        return tf.make_ndarray(message)
    except (TypeError, ValueError) as error:
        raise refusals.invalid(
            f"Input {name!r} has values that do not fit its type and shape."
        ) from error


def write(value: np.ndarray, message: tensor_pb2.TensorProto) -> None:
    """Writes an array to a message."""
    dtype = tf.string if value.dtype == object else tf.as_dtype(value.dtype)
    if dtype not in _FIELDS:
        message.CopyFrom(tf.make_tensor_proto(value))
        return
    message.dtype = dtype.as_datatype_enum
    message.tensor_shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
    getattr(message, _FIELDS[dtype]).extend(value.ravel().tolist())
