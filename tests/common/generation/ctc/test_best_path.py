"""The most probable path, whole and in a stream."""

import numpy as np
import tensorflow as tf

from common.generation.ctc import best_path
from tests.common.generation.ctc import paths

SYMBOLS = tf.constant(["", "a", "b", "c"])
LOGITS = np.random.default_rng(0).normal(size=(3, 40, 4)).astype(np.float32)
LENGTHS = np.array([40, 23, 0], np.int32)


def decode(logits, lengths, last=None):
    return best_path.best_path(
        tf.constant(logits), tf.constant(lengths, tf.int32), last
    )


def test_repeats_are_merged_and_blanks_removed():
    decoded = decode(LOGITS, LENGTHS)
    texts = best_path.texts(decoded.tokens, SYMBOLS).numpy()
    for text, logits, length in zip(texts, LOGITS, LENGTHS):
        path = logits[:length].argmax(-1)
        expected = "".join("_abc"[token] for token in paths.collapsed(path))
        assert text.decode() == expected


def test_a_token_is_in_its_first_frame():
    path = [0, 1, 1, 0, 1, 2, 2, 2]
    decoded = decode(np.eye(4)[[path]], [8])
    assert decoded.tokens.numpy().tolist() == [[0, 1, 0, 0, 1, 2, 0, 0]]
    assert decoded.last.numpy().tolist() == [2]


def test_chunks_give_the_tokens_of_the_whole():
    whole = decode(LOGITS, LENGTHS)
    for size in (1, 3, 7):
        tokens, last = [], None
        for start in range(0, 40, size):
            chunk = LOGITS[:, start : start + size]
            lengths = np.clip(LENGTHS - start, 0, chunk.shape[1])
            decoded = decode(chunk, lengths, last)
            last = decoded.last
            tokens.append(decoded.tokens)
        np.testing.assert_array_equal(tf.concat(tokens, 1), whole.tokens)
        np.testing.assert_array_equal(last, whole.last)
