"""All paths of a small CTC problem, one by one."""

import collections
import itertools

import numpy as np


def collapsed(path):
    """Returns the labels of a path: repeats merged, blanks removed."""
    return tuple(token for token, _ in itertools.groupby(path) if token)


def probabilities(log_probs):
    """Returns the probability of each sequence of labels, by its labels.

    Args:
      log_probs: (frames, 1 + tokens).
    """
    sums = collections.defaultdict(float)
    frames, tokens = log_probs.shape
    for path in itertools.product(range(tokens), repeat=frames):
        log_p = log_probs[range(frames), path].sum(dtype=np.float64)
        sums[collapsed(path)] += np.exp(log_p)
    return sums


def best_path(log_probs, labels):
    """Returns the most probable path of labels, or None."""
    frames, tokens = log_probs.shape
    paths = [
        path
        for path in itertools.product(range(tokens), repeat=frames)
        if collapsed(path) == tuple(labels)
    ]
    return max(
        paths,
        key=lambda path: log_probs[range(frames), path].sum(dtype=np.float64),
        default=None,
    )


def log_softmax(logits):
    """Returns log probabilities in float64."""
    logits = np.asarray(logits, np.float64)
    logits = logits - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))
