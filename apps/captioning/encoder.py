"""Convolutional networks that turn a picture into a grid of features."""

import functools
import hashlib
import pathlib

import keras
from keras import applications

from common.errors import UserError


def small_cnn(input_shape, include_top, weights):
    """Returns three convolutions; a side of the grid is an eighth."""
    network = keras.Sequential([keras.layers.Input(input_shape)])
    for filters, strides in ((16, 2), (48, 1), (128, 2)):
        network.add(
            keras.layers.Conv2D(
                filters, 3, strides, padding="same", use_bias=False
            )
        )
        if strides == 1:  # A corner counts, wherever it is.
            network.add(keras.layers.MaxPooling2D(padding="same"))
        # Not of batches: these are small, and their means no good guide.
        network.add(keras.layers.LayerNormalization())
        network.add(keras.layers.ReLU())
    return network


# What builds the network, what prepares 0 to 255 for it, the side of images.
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
    """Tells what can be seen at each place of a picture.

    Args:
      kind: a key of `ENCODERS`.
      image_size: int; side of the pictures in pixels; 0: as the network was
        published.
      trained_before: whether its weights come from elsewhere: its moving
        averages, if it has some, then stay as they are.

    Call arguments:
      pixels: float tensor (batch, image_size, image_size, 3), RGB, 0 to 255.
      training: whether it learns.

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
        """Sets the weights: "imagenet", which Keras fetches, or a file.

        Raises:
          UserError: there are none, or they are of another network.
        """
        if weights != "imagenet" and not pathlib.Path(weights).exists():
            raise UserError(
                f"No file --encoder_weights={weights}: name one, or imagenet."
            )
        if self.kind == "small_cnn":
            raise UserError(
                f"--encoder_weights={weights}: small_cnn is trained from "
                "scratch; choose another --encoder."
            )
        try:
            if weights == "imagenet":
                shape = self.network.input_shape[1:]
                build, *_ = ENCODERS[self.kind]
                other = build(
                    input_shape=shape, include_top=False, weights=weights
                )
                self.network.set_weights(other.get_weights())
            else:
                self.network.load_weights(weights)
        except Exception as error:  # h5py, urllib and Keras have many.
            reason = " ".join(str(error).split())
            raise UserError(
                f"--encoder_weights={weights} cannot be taken for "
                f"--encoder={self.kind} ({reason}): name a file of its "
                "weights without the top layers."
            ) from error

    def fingerprint(self):
        """Returns a name that no encoder of other features has."""
        digest = hashlib.sha256()
        for value in self.network.get_weights():
            digest.update(value.tobytes())
        return f"{self.kind}-{self.image_size}-{digest.hexdigest()[:16]}"
