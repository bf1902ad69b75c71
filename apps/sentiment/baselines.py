"""NB-SVM on word n-grams, the baseline that recurrent networks must beat."""

import re
from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.special
from sklearn.feature_extraction.text import CountVectorizer

from apps.sentiment.model import nb_svm

# See `word_tokenizer.split_words`: words with apostrophes, single symbols.
WORD = r"[^\W_]+(?:'[^\W\d_]+)*|[^\w\s]"
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # Candidate inverse regularizations.
ORDERS = range(3, 8)  # Candidate lengths of the longest n-grams.


class Candidate(NamedTuple):
    """N-gram counts, and a classifier of them.

    Attributes:
      accuracy: On the validation split.
      strength: Inverse regularization; the best one of `STRENGTHS`.
      vectorizer: Counts the n-grams of texts.
      counts: Of the training and validation texts.
    """

    accuracy: float
    strength: float
    vectorizer: CountVectorizer
    counts: scipy.sparse.csr_matrix


def probabilities(train, valid, test) -> np.ndarray:
    """Returns the probability that each text of `test` is positive.

    A linear classifier on binary n-grams; see `nb_svm.fit`. `valid` chooses
    its regularization and the longest n-grams: their length is raised as long
    as that improves the accuracy. The final classifier is fitted to `train`
    and `valid` together.

    Args:
      train: Pairs ({"text": string}, {"label": 0 or 1}).
      valid: The same.
      test: The same; its labels are not used.
    """
    splits = _read(train), _read(valid)
    best = _candidate(*splits, ORDERS[0])
    for order in ORDERS[1:]:
        candidate = _candidate(*splits, order)
        if candidate.accuracy <= best.accuracy:
            break
        best = candidate
    labels = np.concatenate([labels for _, labels in splits])
    counts = best.vectorizer.transform(_read(test)[0])
    return _probabilities(best.counts, labels, counts, best.strength)


def _candidate(train, valid, order):
    """Returns the best classifier of n-grams up to a length."""
    (texts, labels), (valid_texts, valid_labels) = train, valid
    vectorizer = CountVectorizer(
        preprocessor=_clean,
        token_pattern=WORD,
        ngram_range=(1, order),
        min_df=2,
        binary=True,
        dtype=np.float32,
    )
    counts = vectorizer.fit_transform([*texts, *valid_texts])
    first, second = counts[: len(texts)], counts[len(texts) :]

    def accuracy(strength):
        probabilities = _probabilities(first, labels, second, strength)
        return np.mean((probabilities >= 0.5) == (valid_labels >= 0.5))

    accuracies = {strength: accuracy(strength) for strength in STRENGTHS}
    best = max(STRENGTHS, key=accuracies.__getitem__)
    return Candidate(accuracies[best], best, vectorizer, counts)


def _read(examples):
    pairs = [(x["text"].numpy(), y["label"].numpy()) for x, y in examples]
    texts, labels = zip(*pairs, strict=True)
    return [text.decode(errors="replace") for text in texts], np.array(labels)


def _clean(text):
    return re.sub(r"<br\s*/?>", " ", text.lower())


def _probabilities(counts, labels, test_counts, strength):
    weights, bias = nb_svm.fit(counts, labels, strength)
    return scipy.special.expit(test_counts @ weights + bias)
