"""Convolutional networks that turn a picture into a grid of features."""

import functools
import hashlib
import pathlib

import keras
from keras import applications

from common.errors import UserError


def small_cnn(input_shape, include_top, weights):
    """Returns three convolutions; the grid has an eighth of the side."""
    network = keras.Sequential([keras.layers.Input(input_shape)])
    for filters, strides in ((16, 2), (48, 1), (128, 2)):
        network.add(
            keras.layers.Conv2D(
                filters, 3, strides, padding="same", use_bias=False
            )
        )
        if strides == 1:  # A corner counts at any position.
            network.add(keras.layers.MaxPooling2D(padding="same"))
        # Not batch normalization: the statistics of small batches are noisy.
        network.add(keras.layers.LayerNormalization())
        network.add(keras.layers.ReLU())
    return network


# The network, its preprocessing of values from 0 to 255, its published size.
ENCODERS = {
    "small_cnn": (small_cnn, lambda x: x / 127.5 - 1, 64),
    "mobilenet_025": (
        functools.partial(applications.MobileNet, alpha=0.25),
        applications.mobilenet.preprocess_input,
        224,
    ),
    "mobilenet": (
        applications.MobileNet,
        applications.mobilenet.preprocess_input,
        224,
    ),
    "mobilenet_v2": (
        applications.MobileNetV2,
        applications.mobilenet_v2.preprocess_input,
        224,
    ),
    "efficientnet": (
        applications.EfficientNetB0,
        applications.efficientnet.preprocess_input,
        224,
    ),
    "resnet50": (
        applications.ResNet50,
        applications.resnet.preprocess_input,
        224,
    ),
    "vgg16": (applications.VGG16, applications.vgg16.preprocess_input, 224),
    "inception": (
        applications.InceptionV3,
        applications.inception_v3.preprocess_input,
        299,
    ),
}


@keras.saving.register_keras_serializable("unroll")
class Encoder(keras.layers.Layer):
    """Encodes a picture as a grid of features.

    Args:
      kind: A key of `ENCODERS`.
      image_size: Side of the pictures in pixels; 0 for the published size of
        the network.
      trained_before: Whether the network is pretrained: its moving averages
        are then not updated.

    Call arguments:
      pixels: Float tensor (batch, image_size, image_size, 3), RGB, 0 to 255.
      training: Whether the network is in training mode.

    Returns:
      Features (batch, places, channels), row by row.
    """

    def __init__(self, kind, image_size, trained_before, **kwargs):
        super().__init__(**kwargs)
        build, self.prepare, published = ENCODERS[kind]
        self.kind = kind
        self.image_size = image_size or published
        self.trained_before = trained_before
        shape = (self.image_size, self.image_size, 3)
        self.network = build(input_shape=shape, include_top=False, weights=None)
        _, self.side, _, self.channels = self.network.output_shape
        self.grid_shape = (self.side**2, self.channels)
        self.built = True

    def call(self, pixels, training=False):
        features = self.network(
            self.prepare(pixels), training=training and not self.trained_before
        )
        return keras.ops.reshape(features, (-1, *self.grid_shape))

    def start_from(self, weights):
        """Sets the weights of the network.

        Args:
          weights: "imagenet", which Keras downloads, or the path of a file.

        Raises:
          UserError: There is no such file, or it belongs to another network.
        """
        if weights != "imagenet" and not pathlib.Path(weights).exists():
            raise UserError(
                f"--encoder_weights={weights} does not exist: pass a file, or "
                "imagenet."
            )
        if self.kind == "small_cnn":
            raise UserError(
                f"--encoder_weights={weights}: there are no weights of "
                "small_cnn, it is trained from scratch; choose another "
                "--encoder."
            )
        try:
            if weights == "imagenet":
                shape = self.network.input_shape[1:]
                build, *_ = ENCODERS[self.kind]
                pretrained = build(
                    input_shape=shape, include_top=False, weights=weights
                )
                self.network.set_weights(pretrained.get_weights())
            else:
                self.network.load_weights(weights)
        except Exception as error:  # h5py, urllib and Keras raise many.
            reason = " ".join(str(error).split())
            raise UserError(
                f"--encoder_weights={weights} cannot be loaded into "
                f"--encoder={self.kind} ({reason}): pass a file of its weights "
                "without the top layers."
            ) from error

    def fingerprint(self):
        """Returns a name that depends on all that determines the features."""
        digest = hashlib.sha256()
        for value in self.network.get_weights():
            digest.update(value.tobytes())
        return f"{self.kind}-{self.image_size}-{digest.hexdigest()[:16]}"
