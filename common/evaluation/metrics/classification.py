"""Metrics of classification; of two classes where nothing else is said.

Not those of scikit-learn, because the bootstrap computes each of them a
thousand times.
"""

import numpy as np


def accuracy(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Returns the share of correct predictions at the threshold 0.5.

    Args:
      targets: Binary, (examples,); the same below.
      probabilities: Of the positive class, (examples,); the same below.
    """
    return float(np.mean((probabilities >= 0.5) == (targets > 0.5)))


def f1(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Returns the F1 of the positive class at the threshold 0.5.

    Args:
      targets: See `accuracy`.
      probabilities: See `accuracy`.

    Reference: van Rijsbergen, Information Retrieval, 1979.
    """
    predicted, positive = probabilities >= 0.5, targets > 0.5
    true_positives = np.sum(predicted & positive)
    total = np.sum(predicted) + np.sum(positive)
    return float(2 * true_positives / total) if total else 0.0


def macro_f1(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Returns the mean of the F1 of each class that occurs.

    Args:
      targets: Indices of the classes, int (examples,).
      predictions: The same.

    Reference: Lewis et al., RCV1, JMLR 5, 2004.
    """
    classes = 1 + max(targets.max(), predictions.max())
    matches = np.bincount(targets[targets == predictions], minlength=classes)
    total = np.bincount(targets, minlength=classes)
    total = total + np.bincount(predictions, minlength=classes)
    return float(np.mean(2 * matches[total > 0] / total[total > 0]))


def micro_f1(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Returns the F1 over all labels of all examples.

    Args:
      targets: Whether each example has each label, bool (examples, labels).
      predictions: The same.

    Reference: Lewis et al., RCV1, JMLR 5, 2004.
    """
    total = np.sum(targets) + np.sum(predictions)
    return float(2 * np.sum(targets & predictions) / total) if total else 0.0


def multi_label_macro_f1(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Returns the mean of the F1 of each label that occurs.

    Args:
      targets: See `micro_f1`.
      predictions: See `micro_f1`.
    """
    total = np.sum(targets, axis=0) + np.sum(predictions, axis=0)
    occurs = total > 0
    if not occurs.any():
        return 0.0
    matches = np.sum(targets & predictions, axis=0)
    return float(np.mean(2 * matches[occurs] / total[occurs]))


def weighted_kappa(targets: np.ndarray, predictions: np.ndarray) -> float:
    """Returns Cohen's kappa with quadratic weights, of labels that are numbers.

    One minus the mean squared error, divided by that of targets and
    predictions that are paired at random. 1 if they are all equal.

    Args:
      targets: Numbers, (examples,).
      predictions: The same.

    Reference: Cohen, Weighted Kappa, Psychological Bulletin 70, 1968.
    """
    expected = targets.var() + predictions.var()
    expected += (targets.mean() - predictions.mean()) ** 2
    if not expected:
        return 1.0
    return float(1 - np.square(targets - predictions).mean() / expected)


def log_loss(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Returns the mean negative log-likelihood of the targets, in nats.

    Probabilities are clipped to [1e-7, 1 - 1e-7].

    Args:
      targets: See `accuracy`.
      probabilities: See `accuracy`.
    """
    p = np.clip(np.asarray(probabilities, float), 1e-7, 1 - 1e-7)
    return float(-np.mean(np.where(targets > 0.5, np.log(p), np.log1p(-p))))


def roc_auc(targets: np.ndarray, scores: np.ndarray) -> float:
    """Returns the probability that a positive scores above a negative one.

    A tie counts one half. The result is 0.5 if one class is absent.

    Args:
      targets: See `accuracy`.
      scores: Higher for the positive class, (examples,).

    Reference: Hanley & McNeil, Radiology 143, 1982.
    """
    positive = np.asarray(targets) > 0.5
    _, inverse, counts = np.unique(
        scores, return_inverse=True, return_counts=True
    )
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]  # From 1; ties share the mean.
    p, n = positive.sum(), (~positive).sum()
    if not p or not n:
        return 0.5
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n))
