"""What a captioner learns from, and by: pictures, captions, the loss."""

import tensorflow as tf

from common.app_model import AppModel
from common.generation import losses
from common.generation import scheduled_sampling
from common.images import decode


class Learning(AppModel):
    """Prepares pictures and captions for training.

    A picture that is looked at by an encoder that stays as it is comes as the
    features that the cache holds; another as pixels.

    Attributes:
      fixed: whether the encoder stays as it is.
      cache: a FeatureCache, if it does.
      captions: int; of a picture.

    The others are the arguments of `Captioner`.
    """

    # By the longest caption of a picture.
    buckets = range(2, 1025, 2)

    def preprocess(self, x, y):
        inputs = {"captions": self.training_tokens(y)}
        if self.fixed:
            inputs["image"] = self.cache.names(x["image_bytes"])
        else:
            pixels, _ = decode.read(x["image_bytes"], self.encoder.image_size)
            inputs["image"] = tf.cast(tf.round(pixels), tf.uint8)
        return (inputs,)

    def training_tokens(self, captions):
        """Returns ragged (batch, steps + 1, captions) of captions by lines."""
        texts = tf.strings.split(captions, "\n")[:, : self.captions]
        tokens = self.target_tokens(self.plain(texts.flat_values))
        tokens = texts.with_values(tokens).to_tensor(
            shape=[None, self.captions, None]
        )
        lengths = tf.reduce_max(tf.math.count_nonzero(tokens, 2), 1)
        tokens = tf.transpose(tokens, [0, 2, 1])
        return tf.RaggedTensor.from_tensor(tokens, lengths)

    def prepare(self, examples):
        if self.fixed:
            self.cache.fill(examples.map(lambda x, y: x["image_bytes"]))

    def fetch(self, inputs):
        if self.fixed:
            inputs = {**inputs, "image": self.cache.read(inputs["image"])}
        return (inputs,)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        logits, targets, weights, cost = y_pred
        smoothing = self.label_smoothing
        if smoothing and self.self_critical:
            smoothing = tf.where(self.is_self_critical(), 0.0, smoothing)
        loss = losses.token_crossentropy(targets, logits, smoothing, weights)
        return loss + cost

    def is_self_critical(self):
        """Returns whether captions that the model draws are judged now."""
        return self.optimizer.iterations >= self.self_critical_from

    def scheduled(self, read, memory, states):
        """Returns the tokens to be read, some of them the model's own."""
        logits, _ = self.decoder(read, memory, None, states, training=True)
        share = scheduled_sampling.share(
            self.teacher_forcing, self.optimizer.iterations, self.steps
        )
        share = tf.where(self.is_self_critical(), 0.0, share)
        return scheduled_sampling.mixed(
            read, tf.stop_gradient(logits), share, self.seeds
        )


def some(captions, count, seeds):
    """Returns captions of each picture that are drawn, (batch, count, steps).

    Args:
      captions: int (batch, captions, steps); one that is not there is 0, and
        drawn last.
      count: int; how many.
      seeds: gives one.
    """
    seed = tf.cast(seeds.next(), tf.int32)
    there = captions[..., 0] > 0
    rank = tf.random.stateless_uniform(tf.shape(there), seed)
    rank += tf.cast(there, tf.float32)
    chosen = tf.math.top_k(rank, count).indices
    captions = tf.gather(captions, chosen, batch_dims=1)
    longest = tf.reduce_max(tf.math.count_nonzero(captions, 2))
    return captions[..., :longest]
