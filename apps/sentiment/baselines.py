"""NB-SVM on word n-grams, the baseline that recurrent networks must beat."""

import collections
import itertools
import re
from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.special
from sklearn.feature_extraction.text import CountVectorizer

from apps.sentiment.model import class_weights as weights_lib
from apps.sentiment.model import indicators
from apps.sentiment.model import nb_svm
from common.data import batching
from common.evaluation.metrics import classification

# See `word_tokenizer.split_words`: words with apostrophes, single symbols.
LETTERS = r"[^\W_]+(?:'[^\W\d_]+)*"
WORD = rf"{LETTERS}|[^\w\s]"
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # Candidate inverse regularizations.
ORDERS = range(3, 8)  # Candidate lengths of the longest n-grams.


class Candidate(NamedTuple):
    """N-gram counts, and a classifier of them.

    Attributes:
      score: Accuracy on the validation split, or micro F1 where a text has
        any number of labels.
      strength: Inverse regularization; the best one of `STRENGTHS`.
      vectorizer: Counts the n-grams of texts.
      counts: Of the training and validation texts.
    """

    score: float
    strength: float
    vectorizer: CountVectorizer
    counts: scipy.sparse.csr_matrix


class Kind(NamedTuple):
    """The labels of texts; see `probabilities`."""

    names: list[str]
    class_weights: np.ndarray | None
    separator: str

    def weights(self, has_label):
        """Returns the weights of texts for the classifier of each label."""
        if self.class_weights is None:
            return np.ones(has_label.shape)
        return weights_lib.of_texts(
            self.class_weights, has_label, self.separator
        )

    def score(self, has_label, probabilities):
        """Returns the accuracy or the micro F1; (texts, labels) each."""
        if self.separator:
            return classification.micro_f1(has_label, probabilities >= 0.5)
        if not self.names:
            return np.mean((probabilities >= 0.5) == has_label)
        return np.mean(probabilities.argmax(1) == has_label.argmax(1))


def probabilities(
    train, valid, test, names=(), class_weights=None, separator=""
) -> np.ndarray:
    """Returns the probability that each text of `test` is positive.

    With names of labels, the probabilities of all labels, (texts, labels): a
    classifier for each label against the rest, normalized where a text has one
    label.

    A linear classifier on binary n-grams of words, or of characters where
    words do not repeat; see `nb_svm.fit`. `valid` chooses its regularization
    and the longest n-grams: their length is raised as long as that improves
    the accuracy, or with a separator the micro F1. The final classifier is
    fitted to `train` and `valid` together.

    Args:
      train: Pairs ({"text": string}, {"label": 0, 1 or a name, or names joined
        by the separator}).
      valid: The same.
      test: The same; its labels are not used.
      names: Of the labels; empty if these are 0 and 1.
      class_weights: Of each label in the loss; see `class_weights.of_labels`.
      separator: Between the labels of a text; empty if a text has one.
    """
    kind = Kind(names, class_weights, separator)
    splits = _read(train, kind), _read(valid, kind)
    best = _candidate(*splits, ORDERS[0], kind)
    for order in ORDERS[1:]:
        candidate = _candidate(*splits, order, kind)
        if candidate.score <= best.score:
            break
        best = candidate
    has_label = np.concatenate([has_label for _, has_label in splits])
    counts = best.vectorizer.transform(_texts(test))
    result = _probabilities(best.counts, has_label, counts, best.strength, kind)
    return result if names else result[:, 0]


def _candidate(train, valid, order, kind):
    """Returns the best classifier of n-grams up to a length."""
    (texts, has_label), (valid_texts, valid_has_label) = train, valid
    unit = _unit([*texts, *valid_texts])
    vectorizer = CountVectorizer(
        preprocessor=_clean,
        analyzer=unit,
        token_pattern=WORD if unit == "word" else None,
        ngram_range=(1, order),
        min_df=2 if unit == "word" else 1,
        binary=True,
        dtype=np.float32,
    )
    counts = vectorizer.fit_transform([*texts, *valid_texts])
    first, second = counts[: len(texts)], counts[len(texts) :]

    def score(strength):
        probabilities = _probabilities(first, has_label, second, strength, kind)
        return kind.score(valid_has_label, probabilities)

    scores = {strength: score(strength) for strength in STRENGTHS}
    best = max(STRENGTHS, key=scores.__getitem__)
    return Candidate(scores[best], best, vectorizer, counts)


def _unit(texts):
    """Returns "word"; "char" where most words are in one text only.

    In writing without spaces, what stands between two spaces is a sentence.
    """
    words = [set(re.findall(LETTERS, _clean(text))) for text in texts]
    texts_with = collections.Counter(itertools.chain(*words))
    single = sum(count == 1 for count in texts_with.values())
    return "char" if single * 2 >= texts_with.total() else "word"


def _read(examples, kind):
    """Returns texts, and whether they have each label, (texts, labels)."""
    labels = batching.targets(examples)["label"]
    has_label = indicators.of_texts(labels, kind.names, kind.separator)
    return _texts(examples), has_label


def _texts(examples):
    texts = examples.map(lambda x, y: x["text"]).as_numpy_iterator()
    return [text.decode(errors="replace") for text in texts]


def _clean(text):
    return re.sub(r"<br\s*/?>", " ", text.lower())


def _probabilities(counts, has_label, test_counts, strength, kind):
    """Returns the probability of each label, (test texts, labels)."""
    log_odds = np.empty((test_counts.shape[0], has_label.shape[1]))
    for column, (is_label, of_texts) in enumerate(
        zip(has_label.T, kind.weights(has_label).T)
    ):
        weights, bias = nb_svm.fit(counts, is_label, strength, of_texts)
        log_odds[:, column] = test_counts @ weights + bias
    if kind.separator or not kind.names:
        return scipy.special.expit(log_odds)
    return scipy.special.softmax(scipy.special.log_expit(log_odds), axis=1)
