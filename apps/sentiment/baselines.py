"""NB-SVM on word n-grams, the baseline that recurrent networks must beat."""

import re

import numpy as np
import scipy.special
from sklearn.feature_extraction.text import CountVectorizer

from apps.sentiment.model import nb_svm

# See `word_tokenizer.split_words`: words with apostrophes, single symbols.
WORD = r"[^\W_]+(?:'[^\W\d_]+)*|[^\w\s]"
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # Candidate inverse regularizations.


def probabilities(train, valid, test) -> np.ndarray:
    """Returns the probability that each text of `test` is positive.

    A linear classifier on binary uni-, bi- and trigrams; see `nb_svm.fit`. Its
    regularization is chosen on `valid`; the final classifier is fitted to
    `train` and `valid` together.

    Args:
      train: Pairs ({"text": string}, {"label": 0 or 1}).
      valid: The same.
      test: The same; its labels are not used.
    """
    texts, labels = _read(train)
    valid_texts, valid_labels = _read(valid)
    vectorizer = CountVectorizer(
        preprocessor=_clean,
        token_pattern=WORD,
        ngram_range=(1, 3),
        min_df=2,
        binary=True,
        dtype=np.float32,
    )
    seen = vectorizer.fit_transform([*texts, *valid_texts])
    first, second = seen[: len(texts)], seen[len(texts) :]

    def accuracy(strength):
        probabilities = _probabilities(first, labels, second, strength)
        return np.mean((probabilities >= 0.5) == (valid_labels >= 0.5))

    best = max(STRENGTHS, key=accuracy)
    together = np.concatenate([labels, valid_labels])
    return _probabilities(
        seen, together, vectorizer.transform(_read(test)[0]), best
    )


def _read(examples):
    pairs = [(x["text"].numpy(), y["label"].numpy()) for x, y in examples]
    texts, labels = zip(*pairs, strict=True)
    return [text.decode(errors="replace") for text in texts], np.array(labels)


def _clean(text):
    return re.sub(r"<br\s*/?>", " ", text.lower())


def _probabilities(counts, labels, test_counts, strength):
    weights, bias = nb_svm.fit(counts, labels, strength)
    return scipy.special.expit(test_counts @ weights + bias)
