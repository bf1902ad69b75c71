"""The consensus caption of the most similar known pictures."""

import dataclasses

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer

from apps.captioning.baselines import known_captions
from apps.captioning.baselines import neighbors
from common.data import batching
from common.evaluation.metrics import captions as caption_metrics

COUNTS = (1, 2, 4, 8, 16, 32, 64, 128)  # Candidate numbers of neighbors.


@dataclasses.dataclass(frozen=True)
class Choice:
    """What the validation split decides.

    Attributes:
      feature: A key of `neighbors.FEATURES`.
      count: Number of neighbors.
    """

    feature: str
    count: int


class KnownPictures:
    """Known pictures, whose captions are those of similar ones.

    The caption is, of all captions of the nearest pictures, the one that is
    most similar to the others: by the cosine of their n-grams of one to four
    words, weighted by their inverse document frequencies.

    Args:
      model: A `Captioner`; its encoder compares the pictures.
      examples: Raw examples, the known pictures.

    Reference: Devlin et al., Exploring Nearest Neighbor Approaches for Image
    Captioning, 2015.
    """

    def __init__(self, model, examples: tf.data.Dataset):
        self._model, self._examples = model, examples
        captions = list(known_captions.captions_of(examples))
        self._texts = [text for texts in captions for text in texts]
        self._vectors = _vectors(self._texts)
        ends = np.cumsum([len(texts) for texts in captions])
        self._rows = np.split(np.arange(len(self._texts)), ends[:-1])

    def choose(self, valid: tf.data.Dataset) -> Choice:
        """Returns the choice with the best CIDEr-D on the validation split."""
        nearest = neighbors.nearest(
            self._model, self._examples, valid, max(COUNTS)
        )
        references = [
            list(map(_tokens, known_captions.without_empty(captions)))
            for captions in batching.targets(valid)["captions"]
        ]

        def cider(choice):
            captions = self._consensus(nearest[choice.feature], choice.count)
            candidates = [_tokens(caption) for caption in captions]
            return caption_metrics.cider_d(candidates, references).mean()

        counts = [c for c in COUNTS if c <= len(self._rows)]
        choices = [Choice(f, c) for f in neighbors.FEATURES for c in counts]
        return max(choices, key=cider)

    def captions(self, pictures: tf.data.Dataset, choice: Choice) -> np.ndarray:
        """Returns a caption of each picture, bytes (pictures,)."""
        nearest = neighbors.nearest(
            self._model, self._examples, pictures, choice.count
        )
        return self._consensus(nearest[choice.feature], choice.count)

    def _consensus(self, nearest, count):
        """Returns the caption of the first `count` neighbors of each row."""
        chosen = []
        for pictures in nearest[:, :count]:
            rows = np.concatenate([self._rows[i] for i in pictures])
            vectors = self._vectors[rows]
            similarities = vectors @ vectors.sum(0)
            chosen.append(self._texts[rows[similarities.argmax()]])
        return np.array(chosen, object)


def _vectors(texts):
    """Returns unit vectors of the n-grams, (texts, n-grams)."""
    vectorizer = TfidfVectorizer(analyzer=_ngrams, decode_error="replace")
    return scipy.sparse.csr_array(vectorizer.fit_transform(texts))


def _ngrams(text):
    # A mark of the beginning: a text may have no words.
    tokens = ["", *caption_metrics.caption_tokens(text)]
    return [
        ngram
        for n in range(1, 5)
        for ngram in zip(*(tokens[i:] for i in range(n)))
    ]


def _tokens(text):
    return caption_metrics.caption_tokens(text.decode(errors="replace"))
