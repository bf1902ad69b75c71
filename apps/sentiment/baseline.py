"""NB-SVM on word n-grams, the baseline that recurrent networks must beat."""

import re

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

# As `common.text.split_words`: words with their apostrophes, single symbols.
WORD = r"[^\W_]+(?:'[^\W\d_]+)*|[^\w\s]"
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # Inverse regularization to choose from.


def nb_svm(train, valid, test) -> np.ndarray:
    """Returns the probability that each text of `test` is positive.

    A linear classifier on binary uni-, bi- and trigrams, each scaled by the
    log ratio of its naive Bayes counts in positive and negative texts. The
    regularization is chosen on `valid`; the answers come from a classifier
    that learned from `train` and `valid` together.

    Args:
      train: data set of ({"text": string}, label 0 or 1).
      valid: the same.
      test: the same; its labels are not looked at.

    Reference: Wang & Manning, Baselines and Bigrams, ACL 2012; with logistic
    loss, as in Mesnil et al., Ensemble of Generative and Discriminative
    Techniques for Sentiment Analysis, ICLR workshop 2015.
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

    def hits(strength):
        probabilities = _fit_predict(first, labels, second, strength)
        return np.mean((probabilities >= 0.5) == (valid_labels >= 0.5))

    best = max(STRENGTHS, key=hits)
    together = np.concatenate([labels, valid_labels])
    return _fit_predict(
        seen, together, vectorizer.transform(_read(test)[0]), best
    )


def _read(examples):
    pairs = [(x["text"].numpy(), y.numpy()) for x, y in examples]
    texts, labels = zip(*pairs, strict=True)
    return [text.decode(errors="replace") for text in texts], np.array(labels)


def _clean(text):
    return re.sub(r"<br\s*/?>", " ", text.lower())


def _fit_predict(counts, labels, others, strength):
    positive, negative = (
        1 + counts[labels == label].sum(axis=0).A1 for label in (1, 0)
    )
    ratio = np.log(positive / positive.sum())
    ratio -= np.log(negative / negative.sum())
    scale = scipy.sparse.diags_array(ratio.astype(np.float32))
    classifier = LogisticRegression(
        C=strength, solver="liblinear", dual=True, max_iter=1000
    )
    classifier.fit(counts @ scale, labels)
    return classifier.predict_proba(others @ scale)[:, 1]
