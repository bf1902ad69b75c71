"""Self-critical training: what beats the greedy caption is made likelier."""

import tensorflow as tf

from apps.captioning import reward
from common.text import byte_tokenizer


class SelfCritical:
    """Draws captions of pictures, and judges them by CIDEr-D.

    A caption counts as much as it is better than the greedy one of the same
    picture. The mark of the end is a word of it: a caption that does not end
    shall not pay.

    Args:
      model: a `Captioner`.
      lines: string tensor (images,); the captions of each training image.

    Reference: Rennie et al., Self-critical Sequence Training for Image
    Captioning, 2017.
    """

    def __init__(self, model, lines):
        tokens = tf.transpose(
            model.training_tokens(lines).to_tensor(), [0, 2, 1]
        )
        # Each without the mark of the start.
        self.frequencies = reward.document_frequencies(
            [
                [[int(i) for i in row[1:] if i] for row in image if row[0]]
                for image in tokens.numpy()
            ]
        )

    def drawn(self, model, grid, references):
        """Returns captions, and by how much each beats the greedy one.

        Args:
          model: the `Captioner`.
          grid: features (batch, places, channels).
          references: int (batch, captions, steps + 1); between the marks.

        Returns:
          Int (batch, model.drawn, steps' + 1), float (batch * model.drawn,).
        """
        grid = tf.stop_gradient(grid)
        count, captions = tf.shape(grid)[0], model.drawn
        limits = tf.fill([count], model.max_tokens)
        greedy = _marked(model.greedy(grid, limits), limits)
        judged = self._judged(greedy, references)
        grid, limits, references, judged = (
            tf.repeat(value, captions, 0)
            for value in (grid, limits, references, judged)
        )
        seed = tf.cast(model.seeds.next()[0], tf.int32)
        seeds = seed + tf.range(tf.shape(limits)[0])
        found = _marked(model.draw(grid, limits, seeds), limits)
        better = self._judged(found, references) - judged
        return tf.reshape(found, [count, captions, tf.shape(found)[1]]), better

    def _judged(self, tokens, references):
        """Returns the CIDEr-D of tokens between the marks, (batch,)."""
        return reward.cider_d(
            tokens[:, 1:], references[:, :, 1:], self.frequencies
        )


def _marked(found, limits):
    """Returns decoded tokens between the marks, int (batch, steps + 2).

    The mark of the end is behind those that did not reach their limit.
    """
    tokens, lengths = found.tokens[:, 0], found.lengths
    start = tf.fill([tf.shape(tokens)[0], 1], byte_tokenizer.START)
    tokens = tf.pad(tokens, [[0, 0], [0, 1]])
    ended = (tf.range(tf.shape(tokens)[1]) == lengths) & (
        lengths < limits[:, None]
    )
    return tf.concat([start, tf.where(ended, byte_tokenizer.END, tokens)], 1)
