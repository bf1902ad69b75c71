"""What a captioner needs for training, but not to answer."""

from __future__ import annotations

import tensorflow as tf

from apps.captioning.model.self_critical import SelfCritical
from common.data import batching
from common.data import downloads
from common.data.feature_cache import FeatureCache
from common.images import decode

# Of the longest caption of a picture.
BOUNDARIES = range(2, 1025, 2)


class TrainingTools:
    """Prepares pictures, and selects captions for a training step.

    Args:
      model: A `Captioner`.
      captions: See `arguments.derived`.

    Attributes:
      inputs: `TrainingInputs`.
      self_critical: `SelfCritical`; None if training has no such epochs.
    """

    def __init__(self, model, captions):
        arguments, encoder = model.arguments, model.encoder
        cache = None
        if arguments.fixed:
            cache = FeatureCache(
                downloads.cache_folder() / encoder.fingerprint(),
                encoder.grid_shape,
                lambda image_bytes: model.features(image_bytes)[0],
            )
        self.inputs = TrainingInputs(
            model.generator, arguments.captions, encoder.image_size, cache
        )
        self.self_critical = None
        if arguments.has_self_critical_steps:
            self.self_critical = SelfCritical(
                model.generator,
                model.seeds,
                arguments.drawn,
                self.inputs.tokens(tf.constant(captions, tf.string)),
            )
        self._arguments, self._seeds = arguments, model.seeds

    def captions(self, grid, captions, is_self_critical):
        """Returns the captions of a training step, and their weights.

        Args:
          grid: Features (batch, places, channels).
          captions: int (batch, captions, steps).
          is_self_critical: Returns whether this step is self-critical.

        Returns:
          int (batch, drawn, steps), float (batch * drawn,).
        """
        references, drawn = captions, self._arguments.drawn
        if drawn < self._arguments.captions:
            captions = draw_captions(captions, drawn, self._seeds)
        weights = tf.ones([tf.size(captions[..., 0])])
        if not self.self_critical:
            return captions, weights
        return tf.cond(
            is_self_critical(),
            lambda: self.self_critical.sample(grid, references),
            lambda: (captions, weights),
        )


class TrainingInputs:
    """Turns raw examples into the inputs of the network.

    Args:
      generator: A `TextGenerator`; it splits captions into tokens.
      captions: Captions of a picture.
      image_size: Side of the pixels.
      cache: Features of the pictures, if the encoder is fixed; the inputs then
        hold features in the place of pixels.
    """

    def __init__(self, generator, captions, image_size, cache=None):
        self.cache = cache
        self._generator, self._captions = generator, captions
        self._image_size = image_size

    def __call__(self, x, y):
        """See `AppModel.preprocess`; an image is the path of its features."""
        inputs = {"captions": self.tokens(y["captions"])}
        if self.cache:
            inputs["image"] = self.cache.paths(x["image_bytes"])
        else:
            pixels, _ = decode.read(x["image_bytes"], self._image_size)
            inputs["image"] = tf.cast(tf.round(pixels), tf.uint8)
        return (inputs,)

    def tokens(self, captions):
        """Returns the tokens of captions, ragged (batch, steps + 1, captions).

        Args:
          captions: string (batch, captions); the last ones may be empty.
        """
        texts = captions[:, : self._captions]
        texts = tf.ragged.boolean_mask(texts, texts != "")
        tokens = self._generator.tokens(normalized(texts.flat_values))
        tokens = texts.with_values(tokens).to_tensor(
            shape=[None, self._captions, None]
        )
        lengths = tf.reduce_max(tf.math.count_nonzero(tokens, 2), 1)
        tokens = tf.transpose(tokens, [0, 2, 1])
        return tf.RaggedTensor.from_tensor(tokens, lengths)

    def batches(self, examples, batch_size):
        """See `AppModel.batches`; fills the cache first."""
        if not self.cache:
            return batching.by_length(examples, self, batch_size, BOUNDARIES)
        self.cache.fill(examples.map(lambda x, y: x["image_bytes"]))
        epoch = batching.by_length(examples, self, batch_size, BOUNDARIES)
        return lambda seed: epoch(seed).map(self._with_features, 2)

    def _with_features(self, inputs):
        return ({**inputs, "image": self.cache.read(inputs["image"])},)


def normalized(text):
    """Returns captions as lower-case words without punctuation."""
    text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")
    text = tf.strings.lower(text, "utf-8")
    text = tf.strings.regex_replace(text, r"[^\pL\pM\pN'&-]+", " ")
    return tf.strings.strip(text)


def draw_captions(captions, count, seeds):
    """Returns random captions of each picture, (batch, count, steps).

    Args:
      captions: int (batch, captions, steps); a missing caption is 0, and is
        drawn last.
      count: Number of captions of a picture.
      seeds: One seed is taken from it.
    """
    seed = tf.cast(seeds.next(), tf.int32)
    exists = captions[..., 0] > 0
    rank = tf.random.stateless_uniform(tf.shape(exists), seed)
    rank += tf.cast(exists, tf.float32)
    chosen = tf.math.top_k(rank, count).indices
    captions = tf.gather(captions, chosen, batch_dims=1)
    longest = tf.reduce_max(tf.math.count_nonzero(captions, 2))
    return captions[..., :longest]
