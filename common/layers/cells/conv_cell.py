"""The base class of the convolutional cells."""

import keras
import tensorflow as tf

from common.layers._engine import convolutional
from common.layers._engine import private_api


class ConvCell(keras.layers.Layer):
    """A recurrent cell whose states are maps (batch, rows, columns, filters).

    Subclasses define `call`, which uses `project`, and set the attributes of
    the class.

    Args:
      filters: int; channels of each state.
      kernel_size: int, or (height, width), of all kernels.
      use_bias: whether there is a bias.
      kernel_initializer: initializer of the kernel (height, width, channels,
        blocks * filters).
      recurrent_initializer: initializer of the recurrent kernel (height,
        width, filters, recurrent_blocks * filters).
      bias_initializer: initializer of the bias (blocks * filters,).
      dropout: float; rate of dropout on the inputs, with one mask for all
        steps of a call.
      spatial_dropout: whether the mask zeros whole channels, or single entries.
      seed: int; seed of the dropout.
      **kwargs: arguments of `keras.layers.Layer`.

    Raises:
      ValueError: `filters` or `kernel_size` is not positive; `dropout` is
        outside [0, 1).
    """

    blocks = 1
    recurrent_blocks = 1
    state_count = 1
    input_mask = None  # Of a copy for one call; see `with_dropout`.

    def __init__(
        self,
        filters,
        kernel_size,
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
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size, kernel_size)
        if filters < 1 or min(kernel_size) < 1 or len(kernel_size) != 2:
            raise ValueError(
                f"filters={filters}, kernel_size={kernel_size}: use a positive "
                "number, and one or two positive numbers."
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout}: use a rate in [0, 1).")
        self.filters = filters
        self.window = tuple(kernel_size)
        self.state_size = [filters] * self.state_count
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.dropout = dropout
        self.spatial_dropout = spatial_dropout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        *self.places, channels = input_shape[1:]
        if None in input_shape[1:]:
            raise ValueError(
                f"Frames of shape {tuple(input_shape)}: the numbers of rows, "
                "columns and channels must be known."
            )
        self.kernel = self.add_kernel(channels, self.blocks, "kernel")
        self.recurrent_kernel = self.add_kernel(
            self.filters,
            self.recurrent_blocks,
            "recurrent_kernel",
            self.recurrent_initializer,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(self.blocks * self.filters,),
                initializer=self.initial_bias,
                name="bias",
            )

    def add_kernel(self, channels, blocks, name, initializer=None):
        """Returns a new kernel (height, width, channels, blocks * filters)."""
        return self.add_weight(
            shape=(*self.window, channels, blocks * self.filters),
            initializer=initializer or self.kernel_initializer,
            name=name,
        )

    def initial_bias(self, shape, dtype=None):
        """Returns the initial value of the bias."""
        return keras.initializers.get(self.bias_initializer)(shape, dtype)

    def get_initial_state(self, batch_size=None):
        return [
            keras.ops.zeros(
                (batch_size, *self.places, self.filters), self.compute_dtype
            )
            for _ in self.state_size
        ]

    def with_dropout(self, frame, drop_kernel):
        """Returns a copy with the dropout of one call.

        Args:
          frame: (batch, rows, columns, channels); a step, for its shape.
          drop_kernel: function from a recurrent kernel to the one to use.
        """
        return private_api.copy_layer(
            self,
            recurrent_kernel=drop_kernel(self.recurrent_kernel),
            input_mask=self.draw_input_mask(frame),
        )

    def draw_input_mask(self, frame):
        """Returns a dropout mask for the inputs of all steps, or None."""
        if not self.dropout:
            return None
        if self.spatial_dropout:  # One place: the mask is broadcast.
            frame = frame[:, :1, :1]
        return keras.random.dropout(
            tf.ones_like(frame, self.compute_dtype),
            self.dropout,
            seed=self.seed_generator,
        )

    def project(self, inputs):
        """Returns the convolved inputs of a step for each block, with bias.

        The dropout of the inputs is applied.
        """
        if self.input_mask is not None:
            inputs *= self.input_mask
        maps = convolutional.convolve(inputs, self.kernel)
        if self.bias is not None:
            maps = tf.nn.bias_add(maps, self.bias)
        return tf.split(maps, self.blocks, -1)
