"""The labeled reviews of IMDB."""

from apps.sentiment.data import examples
from common.data import imdb


class IMDB(imdb.IMDB):
    """Reviews and their labels."""

    def examples(self, split):
        reviews = self.reviews[split]
        return examples.labeled(
            [review.text for review in reviews],
            [review.label for review in reviews],
        )
