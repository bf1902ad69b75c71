"""CIDEr-D in the graph equals the metric outside of it."""

import numpy as np
import pytest
import tensorflow as tf

from apps.captioning.model import cider_reward
from common.errors import UserError
from common.evaluation.metrics import captions as caption_metrics

WORDS, STEPS, CAPTIONS = 12, 9, 4


def captions(rng, images):
    """Returns captions of each image, with a small vocabulary."""
    return [
        [tokens(rng, rng.integers(1, STEPS + 1)) for _ in range(count)]
        for count in rng.integers(1, CAPTIONS + 1, images)
    ]


def tokens(rng, length):
    return (rng.integers(1, WORDS, length) ** 2 // WORDS + 1).tolist()


def padded(sequences):
    return np.array([s + [0] * (STEPS - len(s)) for s in sequences], np.int32)


def padded_references(references):
    return np.array(
        [padded(texts + [[]] * (CAPTIONS - len(texts))) for texts in references]
    )


@pytest.mark.parametrize("largest", [WORDS + 1, cider_reward.BASE - 1])
def test_equals_the_metric_outside_of_the_graph(largest):
    rng = np.random.default_rng(0)
    corpus, references = captions(rng, 40), captions(rng, 60)
    candidates = [tokens(rng, n) for n in rng.integers(0, STEPS + 1, 60)]
    candidates[:5] = [texts[0] for texts in references[:5]]
    candidates[5:8] = [[], [3] * STEPS, [1, 2] * 4]
    corpus[0] = [[largest] * STEPS]
    candidates[8] = [largest, *references[8][0][1:]]
    expected = caption_metrics.cider_d(candidates, references, corpus)
    assert (expected == 0).any() and (expected > 3).any()

    frequencies = cider_reward.document_frequencies(corpus)
    tensors = padded(candidates), padded_references(references)
    eager = cider_reward.cider_d(*tensors, frequencies)
    graph = tf.function(cider_reward.cider_d)(*tensors, frequencies)
    assert eager.dtype == tf.float32
    np.testing.assert_allclose(eager, expected, atol=1e-4)
    np.testing.assert_allclose(graph, eager, atol=1e-5)


def test_does_not_depend_on_padding():
    rng = np.random.default_rng(1)
    references = captions(rng, 20)
    candidates = padded([tokens(rng, 6) for _ in references])
    frequencies = cider_reward.document_frequencies(references)
    references = padded_references(references)
    expected = cider_reward.cider_d(candidates, references, frequencies)
    scores = cider_reward.cider_d(
        tf.pad(candidates, [[0, 0], [0, 3]]),
        tf.pad(references, [[0, 0], [0, 2], [0, 1]]),
        frequencies,
    )
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_an_image_without_captions_gives_no_reward():
    frequencies = cider_reward.document_frequencies([[[1, 2]], [[3]]])
    references = padded_references([[], [[1, 2]]])
    scores = cider_reward.cider_d(padded([[1, 2]] * 2), references, frequencies)
    # Two of the four cosines are 1: there are no longer n-grams.
    np.testing.assert_allclose(scores, [0, 5], rtol=1e-6)


def test_too_many_words_are_refused():
    with pytest.raises(UserError, match="55,000 words.*--vocabulary_size"):
        cider_reward.document_frequencies([[[1, cider_reward.BASE]]])
