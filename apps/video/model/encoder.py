"""A convolutional network that turns each frame into features."""

import keras

# Filters, side of the kernel, and strides of the convolutions.
CONVOLUTIONS = ((16, 5, 2), (32, 3, 1), (96, 3, 2))
CONTRAST = 4.0  # Of the change of a frame, which is smaller than the frame.


@keras.saving.register_keras_serializable("unroll")
class FrameEncoder(keras.layers.Layer):
    """Encodes frames, each by itself or with its change.

    Args:
      grid: Whether to return a grid of features, for convolutional layers,
        with a quarter of the side of a frame; otherwise a vector.
      differences: Whether to read the change since the frame before, too.

    Call arguments:
      frames: float (frames, size, size, 3), RGB, 0 to 255.
      changes: The same shape: what differs from the frame before; None
        without `differences`.

    Returns:
      float (frames, rows, columns, 32), or (frames, 192): the maximum and the
      mean over all places, so that a motion counts at any place.
    """

    def __init__(self, grid, differences, **kwargs):
        super().__init__(**kwargs)
        self.grid, self.channels = grid, 6 if differences else 3
        kinds = CONVOLUTIONS[: 2 if grid else 3]
        self.convolutions = [
            keras.layers.Conv2D(
                filters, kernel, strides, padding="same", use_bias=False
            )
            for filters, kernel, strides in kinds
        ]
        # Not batch normalization: the frames of a clip are much alike.
        self.norms = [keras.layers.LayerNormalization() for _ in kinds]
        self.pool = keras.layers.MaxPooling2D(padding="same")

    def build(self, input_shape):
        shape = (None, None, None, self.channels)
        for convolution, norm in zip(self.convolutions, self.norms):
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            norm.build(shape)

    @property
    def output_size(self):
        """The number of features, of a place or of a frame."""
        filters = self.convolutions[-1].filters
        return filters if self.grid else 2 * filters

    def side(self, size):
        """Returns the side of the grid of frames of a size."""
        shape = (None, size, size, self.channels)
        for convolution in self.convolutions:
            shape = convolution.compute_output_shape(shape)
            if convolution.strides == (1, 1):
                shape = self.pool.compute_output_shape(shape)
        return shape[1]

    def call(self, frames, changes=None):
        features = frames / 127.5 - 1
        if changes is not None:
            changes = changes * (CONTRAST / 127.5)
            features = keras.ops.concatenate([features, changes], -1)
        for convolution, norm in zip(self.convolutions, self.norms):
            features = convolution(features)
            if convolution.strides == (1, 1):
                features = self.pool(features)
            features = keras.ops.relu(norm(features))
        if self.grid:
            return features
        return pooled(features)


def pooled(grid):
    """Returns the maximum and the mean over the places of a grid."""
    axes = (-3, -2)
    return keras.ops.concatenate(
        [keras.ops.max(grid, axes), keras.ops.mean(grid, axes)], -1
    )
