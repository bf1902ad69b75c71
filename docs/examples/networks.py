"""Reads an export for LiteRT or ONNX Runtime; the other examples use it."""

import json


def load(folder, name):
    """Returns a network: a function from arrays to a dict of arrays.

    Args:
      folder: Holds NAME.onnx or NAME.tflite.
      name: The name of the network.
    """
    if (folder / f"{name}.onnx").exists():
        return _onnx(folder / f"{name}.onnx")
    return _litert(folder / f"{name}.tflite")


def _onnx(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return lambda **inputs: dict(zip(names, session.run(names, inputs)))


def _litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    runner = interpreter.get_signature_runner()
    runner.interpreter = interpreter  # Keeps it alive.
    return runner


def read_settings(folder):
    """Returns the settings of the preprocessing."""
    return _read_json(folder / "preprocessing.json")


def read_texts(folder):
    """Returns the settings of the preprocessing, and the vocabulary."""
    return read_settings(folder), _read_json(folder / "vocabulary.json")


def _read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))
