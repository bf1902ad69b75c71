"""LiteRT files (formerly TensorFlow Lite) with builtin operations only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import tensorflow as tf

from common.errors import UserError
from common.export.networks import Network
from common.images import silent

if TYPE_CHECKING:
    from common.export.networks import Arrays

ENDING = ".tflite"
# In the text of an error of the converter.
MISSING = re.compile(r"(?:Select ops: |legalize operation 'tf\.)(\w[\w, ]*)")
# The converter and the runtime.
PACKAGES = ("tensorflow", "ai-edge-litert")


def convert(network: Network, int8: bool) -> bytes:
    """Returns the file of a network, for batches of one row.

    LiteRT has no lists of tensors whose batch is unknown, which loops need.

    Args:
      network: The network.
      int8: Whether weights become 8-bit integers.

    Raises:
      UserError: LiteRT lacks an operation. Files with operations of TensorFlow
        ("Flex") are not made: no published runtime has these.
    """
    inputs = [
        tf.TensorSpec([1, *spec.shape[1:]], spec.dtype, spec.name)
        for spec in network.inputs
    ]
    function = tf.function(network.function, inputs, autograph=False)
    concrete = function.get_concrete_function()
    # Not the Keras model: its converter has written files without weights.
    module = tf.Module()
    module.function = function
    module.weights = list(concrete.graph.variables)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [concrete], module
    )
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    try:
        with silent.standard_error():
            return converter.convert()
    except Exception as error:  # ConverterError is private.
        missing = MISSING.search(str(error))
        if not missing:
            raise
        raise UserError(
            "--format=litert: LiteRT lacks operations of this model "
            f"({missing[1]}): use --format=onnx."
        ) from error


def load(content: bytes) -> Callable[[Arrays], Arrays]:
    """Returns a function from the inputs of a file to its outputs."""
    from ai_edge_litert import interpreter

    with silent.standard_error():  # It reports its choice of a kernel library.
        runner = interpreter.Interpreter(model_content=content)
        signature = runner.get_signature_runner()
    return lambda inputs: signature(**inputs)
