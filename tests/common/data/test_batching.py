"""Batches have examples of similar length, in a reproducible order."""

import types

import numpy as np
import pytest
import tensorflow as tf

from common.data import batching
from common.errors import UserError
from tests import variants


def ragged(x, y):
    """Returns each length repeated as often as it says, and the label."""
    return (
        tf.RaggedTensor.from_row_lengths(tf.repeat(x["n"], x["n"]), x["n"]),
        y["label"],
    )


def model(preprocess=ragged, boundaries=batching.BOUNDARIES):
    return types.SimpleNamespace(
        batches=lambda examples, batch_size: batching.by_length(
            examples, preprocess, batch_size, boundaries
        )
    )


CONFIG = types.SimpleNamespace(seed=3, batch_size=4)


def examples(lengths):
    return tf.data.Dataset.from_tensor_slices(
        ({"n": lengths}, {"label": tf.range(len(lengths))})
    )


def labels(batches):
    return [y.numpy().tolist() for _, y in batches]


def test_a_batch_has_similar_lengths_padded_with_zeros():
    lengths = [3, 60, 5, 61, 2, 62, 4, 63, 9, 1000]
    batches = list(batching.validation_batches(examples(lengths), model(), 4))
    assert labels(batches) == [[0, 2, 4, 6], [8, 1, 3, 5], [7, 9]]
    for x, y in batches:
        assert x.shape[1] == max(lengths[i] for i in y.numpy())
        for row, i in zip(x.numpy(), y.numpy()):
            assert row[: lengths[i]].tolist() == [lengths[i]] * lengths[i]
            assert not row[lengths[i] :].any()
    assert sorted(sum(labels(batches), [])) == list(range(10))


def test_inputs_of_equal_shape_need_no_boundaries():
    scalar = model(lambda x, y: (x["n"], y["label"]), [])
    batches = list(batching.validation_batches(examples([1, 2, 3]), scalar, 2))
    assert labels(batches) == [[0, 1], [2]]


def test_each_epoch_has_its_own_order_and_all_examples():
    batches, steps = batching.training_batches(
        examples([5] * 40), model(), CONFIG, first_epoch=0
    )
    seen = labels(batches.take(2 * steps))
    first, second = sum(seen[:steps], []), sum(seen[steps:], [])
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second != list(range(40))


@pytest.fixture(params=variants.extended([None, 0, 7], 0))
def global_seed(request):
    tf.random.set_seed(request.param)
    yield
    tf.random.set_seed(1)  # With determinism on, a seed is required.


@pytest.mark.usefixtures("global_seed")
def test_training_that_starts_later_sees_the_same_batches():
    lengths = np.random.default_rng(0).integers(1, 200, 50).tolist()

    def batches(first_epoch, first_step=0):
        return batching.training_batches(
            examples(lengths), model(), CONFIG, first_epoch, first_step
        )

    (whole, steps), (later, same_steps) = batches(0), batches(2)
    assert steps == same_steps
    third = labels(whole.skip(2 * steps).take(steps))
    assert third == labels(later.take(steps))
    within, _ = batches(2, 5)
    assert third[5:] == labels(within.take(steps - 5))


def test_a_model_may_order_its_batches_itself():
    calls = []

    def batches(examples, batch_size):
        def epoch(seed):
            first = tf.cast(0 if seed is None else seed, tf.int64)
            return tf.data.Dataset.range(first, first + batch_size)

        calls.append(len(examples))
        return epoch

    streams = types.SimpleNamespace(batches=batches)
    ordered, steps = batching.training_batches(
        examples([5] * 9), streams, CONFIG, first_epoch=2, first_step=1
    )
    assert steps == 4
    begins = [3 * 1_000_003 + epoch for epoch in (2, 3)]
    expected = [begin + i for begin in begins for i in range(4)][1:]
    assert [int(b) for b in ordered.take(7)] == expected
    valid = batching.validation_batches(examples([5] * 9), streams, 4)
    assert [int(b) for b in valid] == [0, 1, 2, 3]
    assert calls == [9, 9]


def test_answers_and_targets_have_the_order_of_the_examples():
    doubler = types.SimpleNamespace(serve=lambda n: {"double": 2 * n})
    calls = []
    y, outputs = batching.predictions(
        doubler, examples([3, 1, 2]), 2, lambda: calls.append(1)
    )
    assert y["label"].tolist() == [0, 1, 2]
    assert outputs["double"].tolist() == [6, 2, 4]
    assert len(calls) == 2
    assert batching.targets(examples([3, 1, 2]))["label"].tolist() == [0, 1, 2]


def test_the_number_of_examples_is_known_or_counted():
    assert batching.size(examples([1, 2, 3])) == 3
    odd = examples([1, 2, 3]).filter(lambda x, y: x["n"] % 2 == 1)
    assert batching.size(odd) == 2


def test_names_an_empty_split():
    with pytest.raises(UserError, match="test split of toy"):
        batching.refuse_empty(examples([1]).take(0), "test split of toy")
