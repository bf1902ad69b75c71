"""Batches of similar length, and orders that come back."""

import types

import numpy as np
import pytest
import tensorflow as tf

from common.app_model import AppModel
from common.data import batching
from common.errors import UserError

PLAIN = {
    "prepare": lambda examples: None,
    "fetch": lambda *batch: batch,
    "in_order": lambda examples, batch_size: None,
}
MODEL = types.SimpleNamespace(
    **PLAIN,
    preprocess=lambda x, y: (
        tf.RaggedTensor.from_row_lengths(tf.repeat(x["n"], x["n"]), x["n"]),
        y,
    ),
    buckets=AppModel.buckets,
)
CONFIG = types.SimpleNamespace(seed=3, batch_size=4)


def examples(lengths):
    return tf.data.Dataset.from_tensor_slices(
        ({"n": lengths}, tf.range(len(lengths)))
    )


def labels(batches):
    return [y.numpy().tolist() for _, y in batches]


def test_a_batch_holds_similar_lengths_padded_with_zeros():
    lengths = [3, 60, 5, 61, 2, 62, 4, 63, 9, 1000]
    batches = list(batching.batches(examples(lengths), MODEL, 4))
    assert labels(batches) == [[0, 2, 4, 6], [8, 1, 3, 5], [7, 9]]
    for x, y in batches:
        assert x.shape[1] == max(lengths[i] for i in y.numpy())
        for row, i in zip(x.numpy(), y.numpy()):
            assert row[: lengths[i]].tolist() == [lengths[i]] * lengths[i]
            assert not row[lengths[i] :].any()
    assert sorted(sum(labels(batches), [])) == list(range(10))


def test_inputs_of_one_shape_need_no_buckets():
    model = types.SimpleNamespace(
        **PLAIN, preprocess=lambda x, y: (x["n"], y), buckets=[]
    )
    batches = list(batching.batches(examples([1, 2, 3]), model, 2))
    assert labels(batches) == [[0, 1], [2]]


def test_a_split_is_prepared_once_and_each_batch_fetched():
    prepared = []
    model = types.SimpleNamespace(
        in_order=lambda examples, batch_size: None,
        prepare=lambda examples: prepared.append(len(examples)),
        preprocess=lambda x, y: (x["n"], y),
        fetch=lambda x, y: (x * 10, y),
        buckets=[],
    )
    batches, steps = batching.training_batches(
        examples([1, 2, 3]), model, CONFIG
    )
    for x, y in batches.take(2 * steps):
        np.testing.assert_array_equal(x, 10 * (y + 1))
    assert prepared == [3]


def test_each_epoch_has_its_own_order_and_all_examples():
    batches, steps = batching.training_batches(
        examples([5] * 40), MODEL, CONFIG, first_epoch=0
    )
    seen = labels(batches.take(2 * steps))
    first, second = sum(seen[:steps], []), sum(seen[steps:], [])
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second != list(range(40))


@pytest.fixture(params=[None, 0, 7])
def global_seed(request):
    tf.random.set_seed(request.param)
    yield
    tf.random.set_seed(1)  # With determinism on, some is needed.


@pytest.mark.usefixtures("global_seed")
def test_a_later_step_is_the_same_when_training_begins_there():
    lengths = np.random.default_rng(0).integers(1, 200, 50).tolist()
    whole, steps = batching.training_batches(
        examples(lengths), MODEL, CONFIG, 0
    )
    later, same = batching.training_batches(examples(lengths), MODEL, CONFIG, 2)
    assert steps == same
    third = labels(whole.skip(2 * steps).take(steps))
    assert third == labels(later.take(steps))
    within, _ = batching.training_batches(
        examples(lengths), MODEL, CONFIG, 2, 5
    )
    assert third[5:] == labels(within.take(steps - 5))


def test_batches_that_follow_each_other_keep_their_order():
    asked = []

    def in_order(examples, batch_size):
        def epoch(seed):
            first = tf.cast(0 if seed is None else seed, tf.int64)
            return tf.data.Dataset.range(first, first + batch_size)

        asked.append(len(examples))
        return epoch

    model = types.SimpleNamespace(**{**PLAIN, "in_order": in_order})
    batches, steps = batching.training_batches(
        examples([5] * 9), model, CONFIG, first_epoch=2, first_step=1
    )
    assert steps == 4
    begins = [3 * 1_000_003 + epoch for epoch in (2, 3)]
    expected = [begin + i for begin in begins for i in range(4)][1:]
    assert [int(b) for (b,) in batches.take(7)] == expected
    valid = batching.batches(examples([5] * 9), model, 4)
    assert [int(b) for (b,) in valid] == [0, 1, 2, 3]
    assert asked == [9, 9]


def test_an_empty_split_is_named():
    with pytest.raises(UserError, match="test split of toy"):
        batching.refuse_empty(examples([1]).take(0), "test split of toy")


def test_the_fingerprint_sees_every_change():
    prints = {
        batching.fingerprint(examples(lengths))
        for lengths in ([1, 2], [2, 1], [1, 3], [1, 2, 2])
    }
    assert len(prints) == 4
    assert batching.fingerprint(examples([1, 2])) in prints
