"""The cell of the spatiotemporal LSTM, and a stack of such cells."""

import keras
import tensorflow as tf

from common.layers._engine import private_api
from common.layers._engine.convolutional import convolve
from common.layers.cells import conv_cell


class SpatioTemporalLSTM2DCell(conv_cell.ConvCell):
    """One level of `SpatioTemporalLSTM2D`; the states are h, c and m."""

    blocks = 7
    recurrent_blocks = 4
    state_count = 3

    def build(self, input_shape):
        super().build(input_shape)
        self.memory_kernel = self.add_kernel(
            self.filters, 3, "memory_kernel", self.recurrent_initializer
        )
        self.output_kernel = self.add_kernel(
            2 * self.filters, 1, "output_kernel"
        )
        self.projection = self.add_weight(
            shape=(1, 1, 2 * self.filters, self.filters),
            initializer=self.kernel_initializer,
            name="projection",
        )

    def initial_bias(self, shape, dtype=None):
        bias = super().initial_bias(shape, dtype)
        blocks = keras.ops.arange(shape[-1]) // self.filters
        is_forget_gate = keras.ops.logical_or(blocks == 1, blocks == 4)
        return keras.ops.where(is_forget_gate, 1, bias)

    def call(self, inputs, states, training=False):
        h, c, m = states
        x = self.project(inputs)
        u = tf.split(convolve(h, self.recurrent_kernel), 4, -1)
        v = tf.split(convolve(m, self.memory_kernel), 3, -1)
        c = _remember(c, x[:3], u[:3])
        m = _remember(m, x[3:6], v)
        memories = tf.concat([c, m], -1)
        o = tf.sigmoid(x[6] + u[3] + convolve(memories, self.output_kernel))
        h = o * tf.tanh(convolve(memories, self.projection))
        return h, [h, c, m]

    def with_dropout(self, frame, drop_kernel):
        copy = super().with_dropout(frame, drop_kernel)
        return private_api.copy_layer(
            copy, memory_kernel=drop_kernel(self.memory_kernel)
        )


def _remember(memory, inputs, states):
    """Returns a memory after a step.

    Args:
      memory: (batch, rows, columns, filters).
      inputs: list of the convolved inputs of the gates i, f, g.
      states: list of the convolved states, of the same gates.
    """
    i, f, g = (x + u for x, u in zip(inputs, states, strict=True))
    return tf.sigmoid(f) * memory + tf.sigmoid(i) * tf.tanh(g)


class SpatioTemporalStackCell(keras.layers.Layer):
    """The step of `SpatioTemporalLSTM2D`, which documents it.

    The states are h and c of each level, and m, which passes through all
    levels in a step and from the last level to the first of the next step.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        depth=1,
        residual=False,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        dropout=0.0,
        spatial_dropout=True,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if depth < 1:
            raise ValueError(f"depth={depth}: use 1 or more.")
        self.residual = residual
        self.seed = seed
        self.levels = [
            SpatioTemporalLSTM2DCell(
                filters,
                kernel_size,
                use_bias=use_bias,
                kernel_initializer=kernel_initializer,
                recurrent_initializer=recurrent_initializer,
                bias_initializer=bias_initializer,
                dropout=dropout,
                spatial_dropout=spatial_dropout,
                seed=None if seed is None else seed + level,
                dtype=self.dtype_policy,
            )
            for level in range(depth)
        ]
        self.state_size = [filters] * (2 * depth + 1)

    def build(self, input_shape):
        for level in self.levels:
            level.build(input_shape)
            input_shape = (*input_shape[:-1], level.filters)

    def get_initial_state(self, batch_size=None):
        states = [level.get_initial_state(batch_size) for level in self.levels]
        return [*(s for h, c, _ in states for s in (h, c)), states[0][2]]

    def call(self, inputs, states, training=False):
        *before, m = states
        after = []
        for level, h, c in zip(self.levels, before[::2], before[1::2]):
            outputs, (h, c, m) = level(inputs, [h, c, m], training=training)
            after += h, c
            if self.residual and outputs.shape[1:] == inputs.shape[1:]:
                outputs += inputs
            inputs = outputs
        return outputs, [*after, m]

    def with_dropout(self, frame, drop_kernel):
        """Returns a copy with the dropout of one call; see `ConvCell`."""
        levels = []
        for level in self.levels:
            levels.append(level.with_dropout(frame, drop_kernel))
            frame = tf.repeat(frame[..., :1], level.filters, -1)
        return private_api.copy_layer(self, levels=levels)
