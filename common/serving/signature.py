"""A signature of a loaded SavedModel: NumPy arrays in, NumPy arrays out."""

import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

from common.serving import refusals
from common.serving.cancellation import Cancellation

Arrays = dict[str, np.ndarray]
# The line above the place in the graph is for the user; the rest is not.
_SENTENCE = re.compile(r"([^\n]*)\n\s*\[\[\{\{node")
_INTERNAL = re.compile(r"\{\{[^}]*\}\}\s*")
# Numbers of rows with which a signature shows whether it answers row by row.
_PROBES = (2, 3)
# Lengths of its other axes that may vary; a history must not be too short.
_LENGTHS = (1, 64)


class Signature:
    """Checks the inputs of a named function, and runs it.

    Attributes:
      name: Its name in the SavedModel.
      definition: Its description there.
      inputs: Specifications by name.
      outputs: The same.
      batches: Whether rows of several requests can be answered together: the
        first axis of all inputs and outputs counts the rows, and no other axis
        of an output depends on the values of other rows.
    """

    def __init__(
        self,
        name: str,
        definition: meta_graph_pb2.SignatureDef,
        function: Callable,
    ):
        self.name, self.definition = name, definition
        self._function = function
        self.inputs = _specs(definition.inputs)
        self.outputs = _specs(definition.outputs)
        self.defaults = {
            name: tf.make_ndarray(value)
            for name, value in definition.defaults.items()
        }
        self._names_with_rows = [
            name for name, spec in self.inputs.items() if _counts_rows(spec)
        ]
        self.batches = self._answers_rows() and self._may_batch()

    def _may_batch(self):
        inputs, outputs = self.inputs.values(), self.outputs.values()
        return (
            bool(inputs)
            and all(_counts_rows(spec) for spec in [*inputs, *outputs])
            # Otherwise an answer is padded to the longest of the batch.
            and all(None not in spec.shape[1:] for spec in outputs)
        )

    def _answers_rows(self):
        """Returns whether there is a row of outputs for each row of inputs.

        The shapes alone do not say it: an output may list the tokens of all
        texts. This is also the first run, which takes longer than others.
        """
        for length in _LENGTHS:
            try:
                return all(self._answers(n, length) for n in _PROBES)
            except Exception:  # A model may raise any error for such inputs.
                continue
        return False

    def _answers(self, rows, length):
        """Returns whether there are as many rows of each output."""
        inputs = {
            name: _probe(spec, rows, length)
            for name, spec in self.inputs.items()
        }
        outputs = self.run(inputs, Cancellation())
        return all(value.shape[:1] == (rows,) for value in outputs.values())

    def complete(self, inputs: Arrays) -> Arrays:
        """Returns inputs with the defaults of those that are absent.

        Raises:
          Refusal: An input is missing, unknown, or of a wrong type or shape.
        """
        inputs = {**self.defaults, **inputs}
        if inputs.keys() != self.inputs.keys():
            raise refusals.invalid(self._names_text(inputs))
        for name, value in inputs.items():
            spec = self.inputs[name]
            if not _has_type(value, spec.dtype):
                raise refusals.invalid(
                    f"Input {name!r} is of type {value.dtype.name}; the "
                    f"signature takes {spec.dtype.name}."
                )
            if not spec.shape.is_compatible_with(value.shape):
                raise refusals.invalid(
                    f"Input {name!r} has the shape {list(value.shape)}; the "
                    f"signature takes {spec.shape}."
                )
        return inputs

    def _names_text(self, inputs):
        """Returns the sentence of TensorFlow Serving about names."""

        def names(values):
            return "{" + ",".join(sorted(values)) + "}"

        given, needed = inputs.keys(), self.inputs.keys()
        return (
            f"input size does not match signature: {len(given)}!={len(needed)} "
            f"len({names(given)}) != len({names(needed)}). Sent extra: "
            f"{names(given - needed)}. Missing but required: "
            f"{names(needed - given)}."
        )

    def rows(self, inputs: Arrays) -> int:
        """Returns the number of rows: the longest first axis that may vary."""
        return max(
            [len(inputs[name]) for name in self._names_with_rows], default=1
        )

    def batch_key(self, inputs: Arrays) -> tuple | None:
        """Returns the same value for inputs that can be concatenated.

        Returns:
          The shapes of a row; None if the inputs are to run alone.
        """
        if not self.batches or len({len(v) for v in inputs.values()}) > 1:
            return None
        return tuple(inputs[name].shape[1:] for name in self.inputs)

    def run(self, inputs: Arrays, cancellation: Cancellation) -> Arrays:
        """Returns the outputs.

        Args:
          inputs: As `complete` returns them.
          cancellation: Stops the run from another thread.

        Raises:
          Refusal: The model refuses the inputs.
        """
        tensors = {
            name: tf.constant(value, self.inputs[name].dtype)
            for name, value in inputs.items()
        }
        try:
            outputs = cancellation.wrap(self._function)(**tensors)
        except (
            tf.errors.InvalidArgumentError,
            tf.errors.OutOfRangeError,
        ) as error:
            raise refusals.invalid(sentence(error.message)) from error
        return {name: value.numpy() for name, value in outputs.items()}


def sentence(message: str) -> str:
    """Returns the text for the user in a message of TensorFlow.

    What it says of places in the graph and in files stays here.
    """
    match = _SENTENCE.search(message)
    text = _INTERNAL.sub("", match[1]).strip() if match else ""
    return text[:500] or "The model cannot read these inputs."


def _specs(infos):
    return {
        name: tf.TensorSpec(
            tf.TensorShape(infos[name].tensor_shape),
            tf.dtypes.as_dtype(infos[name].dtype),
            name,
        )
        for name in sorted(infos)
    }


def _counts_rows(spec):
    return bool(spec.shape.rank) and spec.shape[0] is None


def _probe(spec, rows, length):
    sizes = () if spec.shape.rank is None else spec.shape
    shape = [size or length for size in sizes]
    if _counts_rows(spec):
        shape[0] = rows
    if spec.dtype == tf.string:
        return np.full(shape, b"a b", object)  # Two words: two tokens or more.
    return np.ones(shape, spec.dtype.as_numpy_dtype)  # Prices are above 0.


def _has_type(value, dtype):
    if dtype == tf.string:
        return value.dtype == object
    return value.dtype == dtype.as_numpy_dtype
