"""Versioned SavedModels that appear complete or not at all."""

import inspect
import pathlib
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from common.export import versions


def publish(
    model: keras.Model, folder: pathlib.Path, extra: dict[str, str]
) -> pathlib.Path:
    """Writes a model as the next version in `folder`; see `versions`.

    Args:
      model: Its `serve` becomes the signature `serving_default`.
      folder: Holds the versions 1, 2, ...
      extra: Texts for the folder assets.extra, by file name.

    Returns:
      The folder of the new version.
    """
    return versions.publish(folder, lambda path: _write(model, path, extra))


def _write(model, folder, extra):
    # Not keras.export: Keras 3.15.1 loses the lookup tables of a model whose
    # `serve` was called before.
    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    module.tables = list(_tables(model))
    functions = {"serving_default": model.serve, **model.signatures()}
    signatures = {name: _traced(functions[name]) for name in functions}
    tf.saved_model.save(module, folder, signatures)
    (folder / "assets.extra").mkdir()
    for name, text in extra.items():
        (folder / "assets.extra" / name).write_text(text, encoding="utf-8")


def _traced(function: Any) -> Callable:
    """Returns the trace of a function whose inputs have no defaults.

    TensorFlow would trace the function again, which takes seconds; but it
    saves the defaults of inputs of a function, and not those of a trace.
    """
    parameters = inspect.signature(function.python_function).parameters
    if any(isinstance(p.default, tf.Tensor) for p in parameters.values()):
        return function
    return function.get_concrete_function()


def _tables(layer):
    """Yields the lookup tables of a layer and of its inner layers."""
    for value in vars(layer).values():
        if isinstance(value, tf.saved_model.experimental.TrackableResource):
            yield value
    for inner in layer._layers:
        yield from _tables(inner)
