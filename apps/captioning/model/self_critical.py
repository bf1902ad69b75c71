"""Self-critical training: rewards captions that beat the greedy caption."""

import tensorflow as tf

from apps.captioning.model import cider_reward
from common.text import byte_tokenizer


class SelfCritical:
    """Samples captions of pictures, and weighs them by CIDEr-D.

    The weight of a caption is the gain of its CIDEr-D over that of the greedy
    caption. The end mark counts as a word, so that a caption without an end
    is not rewarded.

    Args:
      generator: A `TextGenerator`.
      seeds: Seed generator.
      samples: Sampled captions of a picture.
      tokens: Ragged (pictures, steps + 1, captions), the tokens of the training
        captions between the marks.

    Reference: Rennie et al., Self-critical Sequence Training for Image
    Captioning, 2017.
    """

    def __init__(self, generator, seeds, samples, tokens):
        self._generator, self._seeds = generator, seeds
        self._samples = samples
        pictures = tf.transpose(tokens.to_tensor(), [0, 2, 1]).numpy()
        # The start mark is not a word.
        self._frequencies = cider_reward.document_frequencies(
            [
                [[int(i) for i in row[1:] if i] for row in rows if row[0]]
                for rows in pictures
            ]
        )

    def sample(self, grid, references):
        """Returns sampled captions, and their weights.

        Args:
          grid: Features (batch, places, channels).
          references: int (batch, captions, steps + 1), between the marks.

        Returns:
          int (batch, samples, steps' + 1), float (batch * samples,).
        """
        grid = tf.stop_gradient(grid)
        count, samples = tf.shape(grid)[0], self._samples
        limits = tf.fill([count], self._generator.max_tokens)
        greedy = with_marks(self._generator.greedy(grid, limits), limits)
        baseline = self._reward(greedy, references)
        grid, limits, references, baseline = (
            tf.repeat(value, samples, 0)
            for value in (grid, limits, references, baseline)
        )
        seed = tf.cast(self._seeds.next()[0], tf.int32)
        seeds = seed + tf.range(tf.shape(limits)[0])
        decoded = self._generator.sample(grid, limits, seeds)
        tokens = with_marks(decoded, limits)
        gain = self._reward(tokens, references) - baseline
        return tf.reshape(tokens, [count, samples, tf.shape(tokens)[1]]), gain

    def _reward(self, tokens, references):
        """Returns the CIDEr-D of tokens between the marks, (batch,)."""
        return cider_reward.cider_d(
            tokens[:, 1:], references[:, :, 1:], self._frequencies
        )


def with_marks(decoded, limits):
    """Returns decoded tokens between the marks, int (batch, steps + 2).

    Those that reached their limit have no end mark.
    """
    tokens, lengths = decoded.tokens[:, 0], decoded.lengths
    start = tf.fill([tf.shape(tokens)[0], 1], byte_tokenizer.START)
    tokens = tf.pad(tokens, [[0, 0], [0, 1]])
    is_end = (tf.range(tf.shape(tokens)[1]) == lengths) & (
        lengths < limits[:, None]
    )
    return tf.concat([start, tf.where(is_end, byte_tokenizer.END, tokens)], 1)
