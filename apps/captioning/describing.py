"""From the bytes of a file to a caption: the signatures of the SavedModel."""

import abc

import tensorflow as tf

from common.generation import text_generator
from common.images import decode

GROUPS = 5  # Captions of the signature `diverse`.
IMAGES = tf.TensorSpec([None], tf.string, "image_bytes")


class Describing(text_generator.Writer):
    """Describes pictures with what a keras.Model tells of the next token.

    What is read are features (batch, places, channels). An image that cannot
    be read is described by nothing.

    Attributes:
      encoder: an `Encoder`.
      decoder: a `layers.TokenDecoder`.
    """

    @abc.abstractmethod
    def look(self, grid, training=False):
        """Returns the memory, and the first states of the decoder.

        Args:
          grid: features (batch, places, channels).
          training: whether to apply dropout.
        """

    def start(self, read, width):
        memory, states = self.look(read)
        keys = self.decoder.keys(memory)
        memory, keys = (tf.repeat(value, width, 0) for value in (memory, keys))

        def step(tokens, states):
            return self.decoder.step(tokens, states, memory, None, keys)

        return step, states

    @tf.function(input_signature=[IMAGES])
    def see(self, image_bytes):
        """Returns the features of images, and whether they can be read."""
        count = tf.shape(image_bytes)[0]
        # TensorFlow fails on the normalization of no images at all.
        some = tf.pad(image_bytes, [[0, tf.maximum(0, 1 - count)]])
        pixels, readable = decode.read(some, self.encoder.image_size)
        return self.encoder(pixels)[:count], readable[:count]

    @staticmethod
    def plain(text):
        """Returns captions as words of small letters, without punctuation."""
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")
        text = tf.strings.lower(text, "utf-8")
        text = tf.strings.regex_replace(text, r"[^\pL\pM\pN'&-]+", " ")
        return tf.strings.strip(text)

    @tf.function(input_signature=[IMAGES])
    def serve(self, image_bytes):
        """Returns the caption of each image: JPEG, PNG, GIF or BMP.

        And its score: the logarithm of its probability.
        """
        found = self.best(*self._seen(image_bytes))
        return {
            "caption": self.target.join(found.tokens[:, 0]),
            "score": found.log_probability[:, 0],
        }

    @tf.function(
        input_signature=[IMAGES, tf.TensorSpec([], tf.int32, "beam_width")]
    )
    def alternatives(self, image_bytes, beam_width):
        """Returns the best captions of each image, the best first.

        With their scores: log probabilities, divided as the length penalty
        says, below -1e30 where there are no more captions. And their tokens,
        and how far each of them attended to each place of the image, by rows
        and columns; the last is the end's.
        """
        return self._shown(self.search(*self._seen(image_bytes), beam_width))

    @tf.function(
        input_signature=[IMAGES, tf.TensorSpec([], tf.float32, "diversity")]
    )
    def diverse(self, image_bytes, diversity):
        """Returns five captions of each image that differ, the best first.

        What `alternatives` returns, by diverse beam search: a token costs
        `diversity` for each caption that has it at the same place already.
        """
        return self.varied(image_bytes, GROUPS, diversity)

    @tf.function(reduce_retracing=True)
    def varied(self, image_bytes, count, diversity):
        """Returns what `diverse` does, `count` captions of each image."""
        seen = self._seen(image_bytes)
        return self._shown(self.search_diverse(*seen, count, diversity))

    @tf.function(
        input_signature=[
            IMAGES,
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.int32, "top_k"),
            tf.TensorSpec([], tf.float32, "top_p"),
            tf.TensorSpec([], tf.int32, "seed"),
        ]
    )
    def sample(self, image_bytes, temperature, top_k, top_p, seed):
        """Returns a caption of each image that is drawn, not searched.

        What is drawn depends on the image and the seed alone.
        """
        seeds = text_generator.seeds_of(image_bytes, seed)
        found = self.draw(
            *self._seen(image_bytes), seeds, temperature, top_k, top_p
        )
        return {
            "caption": self.target.join(found.tokens[:, 0]),
            "score": found.log_probability[:, 0],
        }

    def signatures(self):
        return {
            "alternatives": self.alternatives,
            "diverse": self.diverse,
            "sample": self.sample,
        }

    def _seen(self, image_bytes):
        """Returns features, and how many tokens each caption may have."""
        grid, readable = self.see(image_bytes)
        return grid, tf.where(readable, self.max_tokens, 0)

    def _shown(self, found):
        """Returns captions with scores, tokens, and where they attended."""
        grid = [self.encoder.side, self.encoder.side]
        shape = tf.concat([tf.shape(found.trace)[:3], grid], 0)
        return {
            "captions": self.target.join(found.tokens),
            "scores": found.score,
            "tokens": self.target.strings(found.tokens),
            "alignments": tf.reshape(found.trace, shape),
        }
