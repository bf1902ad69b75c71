"""Graphs of methods, and the numbers that clients send to them."""

import inspect

import tensorflow as tf

from common.generation import batches
from common.generation import numbers


def graph_of(function, specs):
    """Returns the graph of a function, its arguments named as the specs.

    Args:
      function: Returns a dict of tensors with a row for each row of its
        inputs, which have one row at least.
      specs: `tf.TensorSpec`s; the first one counts the rows.
    """

    def answer(*args, **arguments):
        bound = answer.__signature__.bind(*args, **arguments).args
        rows = tf.shape(bound[0])[0]
        outputs = function(
            *(
                batches.at_least_one(value) if spec.shape.rank else value
                for value, spec in zip(bound, specs)
            )
        )
        return {name: value[:rows] for name, value in outputs.items()}

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    answer.__signature__ = inspect.Signature(
        [inspect.Parameter(spec.name, kind) for spec in specs]
    )
    answer.__doc__ = function.__doc__
    return tf.function(answer, input_signature=specs, autograph=False)


def sampling(temperature, top_p):
    """Returns both numbers within their bounds, float32."""
    temperature, top_p = (
        tf.cast(value, tf.float32) for value in (temperature, top_p)
    )
    return (
        numbers.clipped(temperature, 0, numbers.MAX_TEMPERATURE, "temperature"),
        numbers.clipped(top_p, 0, 1, "top_p"),
    )
