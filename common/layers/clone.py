"""Copies of Keras models that run the layers of this package."""

import keras

from common.layers.recurrent.conv_lstm import ConvLSTM2D
from common.layers.recurrent.gru import GRU
from common.layers.recurrent.lstm import LSTM
from common.layers.recurrent.rnn import RNN
from common.layers.recurrent.simple_rnn import SimpleRNN

DROP_INS = {
    keras.layers.ConvLSTM2D: ConvLSTM2D,
    keras.layers.GRU: GRU,
    keras.layers.LSTM: LSTM,
    keras.layers.RNN: RNN,
    keras.layers.SimpleRNN: SimpleRNN,
}
# From the identity of a class in a configuration to that of its drop-in.
IDENTITIES = {
    ("keras.layers", stock.__name__): {
        "module": drop_in.__module__,
        "registered_name": keras.saving.get_registered_name(drop_in),
    }
    for stock, drop_in in DROP_INS.items()
}


def clone_model(model: keras.Model) -> keras.Model:
    """Copies a model, with drop-ins in place of Keras's recurrent layers.

    Layers within `Bidirectional`, `TimeDistributed`, other wrappers and inner
    models are replaced too. The weights are copied; the optimizer is not:
    compile the copy to train it.

    Args:
      model: a Sequential or functional model that is built.

    Raises:
      ValueError: the model is a subclass of `keras.Model`; write `layers.`
        instead of `keras.layers.` in its code.
    """
    clone = keras.models.clone_model(model, clone_function=_clone_layer)
    clone.set_weights(model.get_weights())
    return clone


def _clone_layer(layer):
    drop_in = DROP_INS.get(type(layer), type(layer))
    return drop_in.from_config(_replace(layer.get_config()))


def _replace(config):
    """Returns a configuration with drop-ins at any depth."""
    if isinstance(config, list | tuple):
        return type(config)(map(_replace, config))
    if not isinstance(config, dict):
        return config
    config = {key: _replace(value) for key, value in config.items()}
    identity = config.get("module"), config.get("class_name")
    return {**config, **IDENTITIES.get(identity, {})}
