"""The vocabulary, and the streams of the training text."""

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model.model import streams
from apps.language_model.model import vocabulary
from tests.apps.language_model.tiny import WORDS


def test_words_become_ids_and_words_again():
    words = vocabulary.Vocabulary(WORDS, "word")
    ids = words(tf.constant(["the  dog\r\nflies <unk>", "", b"\xff"]))
    assert ids.to_list() == [[2, 3, 1, 0, 0], [], [0]]
    assert words.join(ids).numpy()[0] == b"the dog\n<unk> <unk>"
    assert words.lines(tf.constant(["dog", ""])).to_list() == [[3, 1], [1]]


def test_characters_become_ids_and_characters_again():
    letters = vocabulary.Vocabulary(["é", " ", "a"], "character")
    ids = letters(tf.constant(["a é\nb"]))
    assert ids.to_list() == [[4, 3, 2, 1, 0]]
    assert letters.join(ids[:, :4]).numpy()[0].decode() == "a é\n"


def test_the_most_frequent_tokens_are_learned():
    lines = tf.data.Dataset.from_tensor_slices(["b a <unk>", "a", "c <unk>"])
    assert vocabulary.learn(lines, "word", 0) == ["a", "b", "c"]
    assert vocabulary.learn(lines, "word", 4) == ["a", "b"]
    assert vocabulary.learn(lines.take(1), "character", 0) == [*" <>abknu"]


def epoch(ids, seed=None, **options):
    """Returns the windows of an epoch: tokens, resets, targets."""
    options = {"streams": 2, "steps": 3, "varied": False} | options
    batches = streams.windows(np.array(ids, np.int32), **options)(seed)
    return [
        (x["tokens"].numpy(), x["reset"].numpy(), y.numpy()) for x, y in batches
    ]


def test_windows_are_consecutive_and_hold_each_token_once():
    first, second = epoch([10, 11, 12, 13, 14, 15, 16, 17, 18])
    np.testing.assert_array_equal(first[0], [[1, 10, 11], [14, 15, 16]])
    np.testing.assert_array_equal(first[2], [[10, 11, 12], [15, 16, 17]])
    np.testing.assert_array_equal(second[0], [[12, 13, 0], [17, 0, 0]])
    np.testing.assert_array_equal(second[2], [[13, 14, -1], [18, -1, -1]])
    assert first[1].all()
    assert not second[1].any()


@pytest.mark.parametrize("steps", [1, 2, 35])
@pytest.mark.parametrize("seed", [None, 0, 5_000_000_015])
def test_windows_of_varied_length_hold_each_token_once(steps, seed):
    windows = epoch(range(1000), seed, steps=steps, varied=True)
    assert len(windows) == -(-500 // steps)
    assert min(y.shape[1] for *_, y in windows) > 0
    joined = np.concatenate([y for *_, y in windows], 1)
    np.testing.assert_array_equal(joined.ravel(), range(1000))


def test_window_bounds_and_resets_differ_from_epoch_to_epoch():
    epochs = [epoch(range(4000), s, varied=True, steps=20) for s in (1, 1, 2)]
    lengths = [[y.shape[1] for *_, y in windows] for windows in epochs]
    assert lengths[0] == lengths[1] != lengths[2]
    resets = [np.stack([reset for _, reset, _ in w]) for w in epochs]
    np.testing.assert_array_equal(resets[0], resets[1])
    assert not np.array_equal(resets[0], resets[2])
    assert 0 < resets[0][1:].mean() < 0.1


@pytest.mark.parametrize("varied", [False, True])
@pytest.mark.parametrize("tokens", [1, 39, 40, 41])
def test_the_windows_of_an_epoch_are_counted_exactly(varied, tokens):
    windows = epoch(range(tokens), 0, streams=4, steps=5, varied=varied)
    assert len(windows) == streams.windows_per_epoch(tokens, 4, 5)
