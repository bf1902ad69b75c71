"""A version of a SavedModel in memory."""

import pathlib

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from common.serving import refusals
from common.serving.exported_texts import ExportedTexts
from common.serving.signature import Signature

DEFAULT = "serving_default"


class Version:
    """The signatures of a version.

    Attributes:
      number: The name of its folder.
      signatures: By name.
      texts: What the export says of itself.
    """

    def __init__(self, path: pathlib.Path):
        """Loads a version, and runs each signature once.

        Raises:
          Exception: It cannot be loaded; TensorFlow raises many types.
        """
        self.number = int(path.name)
        self.texts = ExportedTexts.read(path)
        self._model = tf.saved_model.load(path)
        self.signatures = {
            name: Signature(name, definition, self._model.signatures[name])
            for name, definition in _definitions(path).items()
        }

    def signature(self, name: str) -> Signature:
        """Returns a signature; that of the empty name is the default.

        Raises:
          Refusal: There is no such signature.
        """
        name = name or DEFAULT
        if name not in self.signatures:
            raise refusals.invalid(
                f'Serving signature name: "{name[:100]}" not found in '
                "signature def"
            )
        return self.signatures[name]


def _definitions(path):
    """Returns the descriptions of the signatures by name."""
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString((path / "saved_model.pb").read_bytes())
    definitions = saved_model.meta_graphs[0].signature_def
    return {
        name: definitions[name]
        for name in sorted(definitions)
        if not name.startswith("__")  # For TensorFlow itself.
    }
