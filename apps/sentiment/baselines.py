"""NB-SVM on word n-grams, the baseline that recurrent networks must beat."""

import collections
import itertools
import re
from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.special
from sklearn.feature_extraction.text import CountVectorizer

from apps.sentiment.model import nb_svm

# See `word_tokenizer.split_words`: words with apostrophes, single symbols.
LETTERS = r"[^\W_]+(?:'[^\W\d_]+)*"
WORD = rf"{LETTERS}|[^\w\s]"
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


def probabilities(
    train, valid, test, names=(), class_weights=None
) -> np.ndarray:
    """Returns the probability that each text of `test` is positive.

    With names of labels, the probabilities of all labels, (texts, labels): a
    classifier for each label against the rest, normalized.

    A linear classifier on binary n-grams of words, or of characters where
    words do not repeat; see `nb_svm.fit`. `valid` chooses
    its regularization and the longest n-grams: their length is raised as long
    as that improves the accuracy. The final classifier is fitted to `train`
    and `valid` together.

    Args:
      train: Pairs ({"text": string}, {"label": 0, 1 or a name}).
      valid: The same.
      test: The same; its labels are not used.
      names: Of the labels; empty if these are 0 and 1.
      class_weights: (labels,), of each label in the loss; equal by default.
    """
    splits = _read(train, names), _read(valid, names)
    best = _candidate(*splits, ORDERS[0], class_weights)
    for order in ORDERS[1:]:
        candidate = _candidate(*splits, order, class_weights)
        if candidate.accuracy <= best.accuracy:
            break
        best = candidate
    labels = np.concatenate([labels for _, labels in splits])
    counts = best.vectorizer.transform(_read(test, names)[0])
    return _probabilities(
        best.counts, labels, counts, best.strength, class_weights
    )


def _candidate(train, valid, order, class_weights):
    """Returns the best classifier of n-grams up to a length."""
    (texts, labels), (valid_texts, valid_labels) = train, valid
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

    def accuracy(strength):
        probabilities = _probabilities(
            first, labels, second, strength, class_weights
        )
        return np.mean(_decided(probabilities) == valid_labels)

    accuracies = {strength: accuracy(strength) for strength in STRENGTHS}
    best = max(STRENGTHS, key=accuracies.__getitem__)
    return Candidate(accuracies[best], best, vectorizer, counts)


def _unit(texts):
    """Returns "word"; "char" where most words are in one text only.

    In writing without spaces, what stands between two spaces is a sentence.
    """
    words = [set(re.findall(LETTERS, _clean(text))) for text in texts]
    texts_with = collections.Counter(itertools.chain(*words))
    single = sum(count == 1 for count in texts_with.values())
    return "char" if single * 2 >= texts_with.total() else "word"


def _read(examples, names):
    """Returns texts and labels, as indices of names if there are any."""
    pairs = [(x["text"].numpy(), y["label"].numpy()) for x, y in examples]
    texts, labels = zip(*pairs, strict=True)
    if names:
        labels = [names.index(label.decode()) for label in labels]
    return [text.decode(errors="replace") for text in texts], np.array(labels)


def _clean(text):
    return re.sub(r"<br\s*/?>", " ", text.lower())


def _decided(probabilities):
    """Returns the label of the highest probability."""
    if probabilities.ndim == 2:
        return probabilities.argmax(1)
    return probabilities >= 0.5


def _probabilities(counts, labels, test_counts, strength, class_weights):
    of_texts = None
    if class_weights is not None:
        of_texts = np.asarray(class_weights)[labels.astype(int)]

    def log_odds(is_label):
        weights, bias = nb_svm.fit(counts, is_label, strength, of_texts)
        return test_counts @ weights + bias

    if labels.dtype.kind == "f":
        return scipy.special.expit(log_odds(labels))
    each = [log_odds(labels == label) for label in range(labels.max() + 1)]
    log_probabilities = scipy.special.log_expit(np.stack(each, axis=1))
    return scipy.special.softmax(log_probabilities, axis=1)
