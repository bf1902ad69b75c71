"""Characters, unknown ones, labels that are impossible, and the start."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.speech.config import SpeechConfig
from apps.speech.model import recognizer
from common.errors import UserError
from common.training import transfer
from tests.apps.speech import conftest


def create(transcripts, start=None):
    keras.utils.set_random_seed(len(transcripts))
    examples = tf.data.Dataset.from_tensor_slices(
        ({"audio": [b""] * len(transcripts)}, {"transcript": transcripts})
    )
    config = SpeechConfig(**conftest.SMALL)
    model = recognizer.Recognizer.create(config, examples, 2, start=start)
    model.build(None)
    return model


def test_characters_are_sorted_and_have_a_space():
    characters = recognizer.characters_of(["zoë", "", "don't", "é中"], "x")
    assert characters == [" ", *"'dnotzéë中"]


@pytest.mark.parametrize("transcripts", [[], ["", ""]])
def test_transcripts_without_characters_are_refused(transcripts):
    with pytest.raises(UserError, match="The transcripts of mine.tsv are emp"):
        recognizer.characters_of(transcripts, "mine.tsv")


def test_characters_become_ids_and_unknown_ones_are_left_out():
    model = create(["ab", "é中 a"])
    assert model.arguments.characters == [" ", "a", "b", "é", "中"]
    ids = model.decoder.character_ids(
        tf.constant(["ab é中", "xaxb", "xyz", ""])
    )
    assert ids.to_list() == [[2, 3, 1, 4, 5], [2, 3], [], []]


def test_labels_that_are_impossible_do_not_count(model):
    """They have more characters than the recording has steps."""
    rng = np.random.default_rng(0)
    characters = len(model.arguments.characters)
    logits = rng.normal(size=(2, 6, 1 + characters)).astype("f4")
    labels = np.array([[1, 2, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7]], "i4")

    def loss(rows):
        steps = tf.constant([6, 6][: len(logits[rows])])
        return float(
            model.compute_loss(None, labels[rows], (logits[rows], steps))
        )

    alone, together = loss(slice(1)), loss(slice(2))
    assert np.isfinite(together)
    assert together == pytest.approx(alone, rel=1e-6)
    assert loss(slice(1, 2)) == 0
    model.reset_metrics()
    loss(slice(2))
    assert model.get_metrics_result()["skipped"] == 1


def test_further_characters_follow_those_of_the_start():
    start = create(["ba", "b c"])
    model = create(["ab", "zä"], start=start)
    assert model.arguments.characters == [" ", "a", "b", "c", "z", "ä"]
    transfer.copy(start, model, start.named_rows(), model.named_rows())
    (before,), (after,) = (m.named_rows().values() for m in (start, model))
    for (old, axis), (new, _) in zip(before.variables, after.variables):
        old, new = (np.moveaxis(v.numpy(), axis, 0) for v in (old, new))
        np.testing.assert_array_equal(old, new[:5])
