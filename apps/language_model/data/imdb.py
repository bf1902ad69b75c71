"""The words of the reviews of IMDB."""

from apps.language_model.data import text
from common.data import imdb

BATCH = 1024  # Reviews that are split into words at once.


class IMDB(text.Text, imdb.IMDB):
    """A line for each review, split into words as the sentiment app does it.

    A sentiment classifier can start from a model of these words.
    """

    help = (
        "The words of the 50,000 movie reviews of Maas et al. 2011, in lower "
        "case; a line for each review."
    )

    def lines(self, split):
        import tensorflow as tf

        from common.text import word_tokenizer

        reviews = [review.text for review in self.reviews[split]]
        lines = []
        for start in range(0, len(reviews), BATCH):
            part = tf.constant(reviews[start : start + BATCH])
            words = word_tokenizer.split_words(part)
            joined = tf.strings.reduce_join(words, -1, separator=" ")
            lines += [line.decode() for line in joined.numpy()]
        return lines
