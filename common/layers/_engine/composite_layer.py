"""The base class of layers that are made of other layers."""

import keras

from common.layers._engine import private_api


class CompositeLayer(keras.layers.Layer):
    """A layer that loads with the quantization of the layers it is made of.

    Keras saves the quantization of a layer in the configuration of that layer.
    Layers that a constructor creates have no saved configuration: their
    quantization is part of what builds the composite layer.
    """

    def get_build_config(self):
        config = super().get_build_config()
        parts = private_api.inner_layers(self)
        if config and any(part.quantization_mode for part in parts):
            config["quantization"] = [_quantization(part) for part in parts]
        return config

    def build_from_config(self, config):
        super().build_from_config(config)
        saved = (config or {}).get("quantization", [])
        for part, arguments in zip(private_api.inner_layers(self), saved):
            # A layer with a configuration of its own is quantized already.
            if arguments and not part.quantization_mode:
                arguments = keras.saving.deserialize_keras_object(arguments)
                part.quantize(**arguments)


def _quantization(layer):
    """Returns the arguments that quantize a layer as it is, or None."""
    if not layer.quantization_mode:
        return None
    config = getattr(layer, "quantization_config", None)
    return {
        "mode": layer.quantization_mode,
        "config": keras.saving.serialize_keras_object(config),
    }
