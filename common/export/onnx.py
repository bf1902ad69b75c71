"""ONNX files for ONNX Runtime, of any batch size and length."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

import tensorflow as tf

from common import layers
from common.export.networks import Network
from common.images import silent

if TYPE_CHECKING:
    from common.export.networks import Arrays

ENDING = ".onnx"
# The converter and the runtime.
PACKAGES = ("tensorflow", "tf2onnx", "onnxruntime")


def convert(network: Network, int8: bool) -> bytes:
    """Returns the file of a network.

    Args:
      network: The network.
      int8: Whether the weights of matrix products become 8-bit integers.
    """
    import tf2onnx

    function = tf.function(network.function, autograph=False)
    # The converter logs messages for its own authors.
    with silent.standard_error(), layers.portable_graphs():
        model, _ = tf2onnx.convert.from_function(function, network.inputs)
    for value in model.graph.input:
        _name_axes(value)
    for value in model.graph.output:
        _name_axes(value)
    return _with_int8(model) if int8 else model.SerializeToString()


def load(content: bytes) -> Callable[[Arrays], Arrays]:
    """Returns a function from the inputs of a file to its outputs."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        content, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(None, inputs)))


def _name_axes(value: Any) -> None:
    """Names the axes of any size; the converter gives them numbers."""
    for axis, size in enumerate(value.type.tensor_type.shape.dim):
        if size.dim_param:
            name = f"{value.name}_{axis}" if axis else "batch"
            size.dim_param = name


def _with_int8(model):
    from onnxruntime import quantization

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/int8.onnx"
        quantization.quantize_dynamic(
            model, path, extra_options={"EnableSubgraph": True}
        )
        with open(path, "rb") as file:
            return file.read()
