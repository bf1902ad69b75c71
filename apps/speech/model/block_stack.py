"""Recurrent layers that read forward, and backward within blocks."""

import itertools

import keras
import tensorflow as tf

from common import layers


@keras.saving.register_keras_serializable("unroll", "SpeechBlockStack")
class BlockStack(keras.layers.Layer):
    """Reads sequences forward, and backward from the end of each block.

    A backward layer begins with zeros at the end of each block. So a state
    depends on all steps before it and on those after it in its block, and a
    stream can be answered block by block, with the states of the whole.

    Args:
      cell: See `layers.RecurrentStack`.
      units: Units in each direction.
      depth: Number of layers.
      block: Steps of a block; with 1, layers read forward only.
      dropout: Dropout rate of the inputs of each layer, with one mask for all
        steps.

    Call arguments:
      inputs: float (batch, steps, features), from the beginning of a block on.
      present: Which steps are not padding, bool (batch, steps); all, if None.
      initial_state: list of the initial states of the forward layers; zeros by
        default.
      training: Whether to apply dropout.

    Returns:
      float (batch, steps, size), any values where there is padding; and the
      list of the last states.

    Reference: Chen & Huo, Training Deep Bidirectional LSTM Acoustic Model for
    LVCSR by a Context-Sensitive-Chunk BPTT Approach, 2016 (here, without
    frames that two blocks share).
    """

    def __init__(self, cell, units, depth, block, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.block = units, block

        def one_direction(**options):
            return [
                layers.RecurrentStack(
                    cell, units, return_sequences=True, **options
                )
                for _ in range(depth)
            ]

        self.forward = one_direction(return_state=True)
        self.backward = one_direction() if block > 1 else []
        self.drops = [
            keras.layers.SpatialDropout1D(dropout) for _ in self.forward
        ]

    def build(self, inputs_shape):
        shape = inputs_shape
        for stack in itertools.zip_longest(self.forward, self.backward):
            for layer in filter(None, stack):
                layer.build(shape)
            shape = (*inputs_shape[:2], self.size)

    @property
    def size(self):
        """The size of a state."""
        return (2 if self.backward else 1) * self.units

    @property
    def state_sizes(self):
        """The sizes of the states of the forward layers, in order."""
        return [size for layer in self.forward for size in layer.state_sizes]

    def call(self, inputs, present=None, initial_state=None, training=False):
        initial, last = list(initial_state or []), []
        for i, (layer, drop) in enumerate(zip(self.forward, self.drops)):
            count = len(layer.state_sizes)
            first, initial = initial[:count] or None, initial[count:]
            inputs = drop(inputs, training=training)
            # Padding follows the steps: reading forward, it is harmless.
            states, after = layer(
                inputs, initial_state=first, training=training
            )
            if self.backward:
                back = self._read_backward(
                    self.backward[i], inputs, present, training
                )
                states = tf.concat([states, back], 2)
            inputs, last = states, last + after
        return inputs, last

    def _read_backward(self, layer, inputs, present, training):
        batch, steps, _ = tf.unstack(tf.shape(inputs))
        if present is None:
            present = tf.fill([batch, steps], True)
        missing = -steps % self.block
        padding = [[0, 0], [0, missing]]
        shape = [-1, self.block]
        mask = tf.reshape(tf.pad(present, padding), shape)
        blocks = tf.reshape(
            tf.pad(inputs, [*padding, [0, 0]]), [*shape, inputs.shape[2]]
        )
        states = layer(blocks[:, ::-1], mask=mask[:, ::-1], training=training)
        whole = [batch, steps + missing, self.units]
        return tf.reshape(states[:, ::-1], whole)[:, :steps]
