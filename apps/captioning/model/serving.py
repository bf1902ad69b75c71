"""From the bytes of a file to a caption: the signatures of a captioner."""

import tensorflow as tf

from apps.captioning.model.encoder import Encoder
from common.generation import text_generator
from common.images import decode

DIVERSE_CAPTIONS = 5  # Of the signature `diverse`.
IMAGES = tf.TensorSpec([None], tf.string, "image_bytes")


class Serving:
    """Describes pictures: decodes files, encodes them, generates captions.

    A part of a model, but not a layer; see `text_generator.TextGenerator`. Its
    functions need no AutoGraph, which takes seconds to convert them.

    Args:
      encoder: Maps pixels to a grid of features.
      generator: Generates captions from features (batch, places, channels).
    """

    def __init__(
        self, encoder: Encoder, generator: text_generator.TextGenerator
    ):
        self.encoder, self.generator = encoder, generator

    @tf.function(input_signature=[IMAGES], autograph=False)
    def features(self, image_bytes):
        """Returns the features of pictures, and whether they are readable."""
        count = tf.shape(image_bytes)[0]
        # TensorFlow cannot normalize an empty batch.
        images = tf.pad(image_bytes, [[0, tf.maximum(0, 1 - count)]])
        pixels, readable = decode.read(images, self.encoder.image_size)
        return self.encoder(pixels)[:count], readable[:count]

    @tf.function(input_signature=[IMAGES], autograph=False)
    def describe(self, image_bytes):
        """Returns the caption of each picture.

        A picture is a JPEG, PNG, GIF, BMP or WebP file. The score is its log
        probability. The caption of an unreadable picture is empty.
        """
        decoded = self.generator.best(*self._features_and_limits(image_bytes))
        return self._first(decoded)

    @tf.function(
        input_signature=[IMAGES, tf.TensorSpec([], tf.int32, "beam_width")],
        autograph=False,
    )
    def alternatives(self, image_bytes, beam_width):
        """Returns the best captions of each picture, the best first.

        The scores are log probabilities, divided according to the length
        penalty; below -1e30, there are no more captions. The alignments are
        the attention of each token to the rows and columns of the picture; the
        last ones are those of the end mark.
        """
        inputs = self._features_and_limits(image_bytes)
        return self._all(self.generator.search(*inputs, beam_width))

    @tf.function(
        input_signature=[IMAGES, tf.TensorSpec([], tf.float32, "diversity")],
        autograph=False,
    )
    def diverse(self, image_bytes, diversity):
        """Returns five different captions of each picture, the best first.

        The outputs are those of `alternatives`, from a diverse beam search:
        `diversity` is the penalty of a token for each caption that has it at
        the same position.
        """
        return self.diverse_captions(image_bytes, DIVERSE_CAPTIONS, diversity)

    @tf.function(reduce_retracing=True, autograph=False)
    def diverse_captions(self, image_bytes, count, diversity):
        """Returns `count` captions of each picture; see `diverse`."""
        inputs = self._features_and_limits(image_bytes)
        return self._all(
            self.generator.search_diverse(*inputs, count, diversity)
        )

    @tf.function(
        input_signature=[
            IMAGES,
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.int32, "top_k"),
            tf.TensorSpec([], tf.float32, "top_p"),
            tf.TensorSpec([], tf.int32, "seed"),
        ],
        autograph=False,
    )
    def sample(self, image_bytes, temperature, top_k, top_p, seed):
        """Returns a sampled caption of each picture.

        It depends only on the picture and the seed.
        """
        seeds = text_generator.seeds_of(image_bytes, seed)
        inputs = self._features_and_limits(image_bytes)
        return self._first(
            self.generator.sample(*inputs, seeds, temperature, top_k, top_p)
        )

    def signatures(self):
        """Returns the signatures besides `describe`, by name."""
        return {
            "alternatives": self.alternatives,
            "diverse": self.diverse,
            "sample": self.sample,
        }

    def _features_and_limits(self, image_bytes):
        """Returns features, and the maximum number of tokens per caption."""
        grid, readable = self.features(image_bytes)
        return grid, tf.where(readable, self.generator.max_tokens, 0)

    def _first(self, decoded):
        return {
            "caption": self.generator.tokenizer.join(decoded.tokens[:, 0]),
            "score": decoded.log_probability[:, 0],
        }

    def _all(self, decoded):
        side = self.encoder.side
        shape = tf.concat([tf.shape(decoded.trace)[:3], [side, side]], 0)
        return {
            "captions": self.generator.tokenizer.join(decoded.tokens),
            "scores": decoded.score,
            "tokens": self.generator.tokenizer.strings(decoded.tokens),
            "alignments": tf.reshape(decoded.trace, shape),
        }
