"""NB-SVM: a linear classifier on n-gram counts."""

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression


def fit(
    counts: scipy.sparse.csr_matrix,
    labels: np.ndarray,
    strength: float,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """Returns weights (n-grams,) and bias: log-odds = counts @ weights + bias.

    Each n-gram is scaled by the log ratio of its naive Bayes probabilities in
    positive and negative texts before the classifier is fitted.

    Args:
      counts: Binary, (texts, n-grams).
      labels: (texts,); > 0.5 for positive.
      strength: Inverse regularization.
      weights: (texts,), of each text in the loss; equal by default.

    Reference: Wang & Manning, Baselines and Bigrams, ACL 2012; with logistic
    loss, as in Mesnil et al., Ensemble of Generative and Discriminative
    Techniques for Sentiment Analysis, ICLR workshop 2015.
    """
    positive, negative = (
        1 + np.asarray(counts[(labels > 0.5) == label].sum(axis=0)).ravel()
        for label in (True, False)
    )
    ratio = np.log(positive / positive.sum())
    ratio = (ratio - np.log(negative / negative.sum())).astype(np.float32)
    classifier = LogisticRegression(
        C=strength, solver="liblinear", dual=True, max_iter=1000, random_state=0
    )
    scaled = counts @ scipy.sparse.diags_array(ratio)
    classifier.fit(scaled, labels > 0.5, sample_weight=weights)
    return classifier.coef_[0] * ratio, float(classifier.intercept_[0])
