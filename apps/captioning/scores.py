"""What is measured of captions, once for each of them.

A corpus score is a mean or a ratio of what its captions contribute: it is then
scored for a thousand samples of them.
"""

import collections

import numpy as np
import tensorflow as tf

from apps.captioning import sample
from common.evaluation.metrics import captions


def counts(
    captions: np.ndarray, references: np.ndarray, known: set[tuple[str, ...]]
) -> dict[str, np.ndarray]:
    """Returns what each caption contributes, (captions, ...).

    Args:
      captions: bytes (captions,), UTF-8.
      references: bytes (captions,); those of a picture, a line each.
      known: the words of captions that are not novel.
    """
    own = [_words(caption) for caption in captions]
    others = [[_words(one) for one in each.split(b"\n")] for each in references]
    same = collections.Counter(map(tuple, own))
    return {
        "bleu": captions.bleu_counts(own, others),
        "rouge_l": captions.rouge_l(own, others),
        "cider_d": captions.cider_d(own, others),
        # Its sum is the number of distinct captions.
        "distinct_share": np.array([1 / same[tuple(words)] for words in own]),
        "novel_share": np.array([float(tuple(w) not in known) for w in own]),
    }


def known(seen: tf.data.Dataset) -> set[tuple[str, ...]]:
    """Returns the words of each caption of raw examples."""
    captions = {one for _, y in seen for one in y.numpy().split(b"\n")}
    return {tuple(_words(caption)) for caption in captions}


def accuracy(captions: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Returns which captions say all of a scene of the sample, and no more."""
    return np.array(
        [
            float(sample.accurate(caption.decode(), each.decode().split("\n")))
            for caption, each in zip(captions, references)
        ]
    )


def scores(counts: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns the metrics of the captions that were counted."""
    found = captions.bleu(counts["bleu"].sum(0))
    for name, values in counts.items():
        if name != "bleu":
            found[name] = float(np.mean(values))
    return found


def _words(caption):
    return captions.caption_tokens(caption.decode(errors="replace"))
