"""Exports of models that were not trained."""

import pathlib
import runpy

import tensorflow as tf

from common.export import exports
from common.export import litert
from common.export import onnx
from tests import without_tensorflow

RUNTIMES = {"litert": litert, "onnx": onnx}


def export(app_class, model, examples, folder, **options) -> pathlib.Path:
    """Exports a model, compared on examples, and returns the folder.

    Args:
      app_class: The app.
      model: The model.
      examples: A pair of dicts of values, a row for each example.
      folder: The folder of exports.
      **options: Those of the app.
    """

    class Few(app_class):
        def examples(self, split):
            return tf.data.Dataset.from_tensor_slices(examples)

    config = app_class.Config(saved_models=str(folder), **options)
    app = Few(config)
    app.model = model
    return exports.export(app)


def load(folder, name, kind):
    """Returns a network of an export as a function of arrays."""
    runtime = RUNTIMES[kind]
    return runtime.load((folder / f"{name}{runtime.ENDING}").read_bytes())


def run_example(folder, app, *words) -> list[str]:
    """Runs the example of an app without TensorFlow; returns its lines."""
    script = without_tensorflow.EXAMPLES / f"{app}.py"
    return without_tensorflow.run(script, folder, *words).splitlines()


def names_of_example(app, monkeypatch) -> dict:
    """Returns the functions and classes of the example of an app by name."""
    monkeypatch.syspath_prepend(without_tensorflow.EXAMPLES)
    return runpy.run_path(str(without_tensorflow.EXAMPLES / f"{app}.py"))
