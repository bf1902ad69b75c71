"""A run belongs to the data with which it was started."""

import pytest
import tensorflow as tf

from common.data import fingerprints
from common.errors import UserError


def examples(numbers):
    return tf.data.Dataset.from_tensor_slices(
        ({"n": numbers}, {"label": tf.range(len(numbers))})
    )


def test_the_fingerprint_depends_on_every_example_and_the_order():
    prints = {
        fingerprints.fingerprint(examples(numbers))
        for numbers in ([1, 2], [2, 1], [1, 3], [1, 2, 2])
    }
    assert len(prints) == 4
    assert fingerprints.fingerprint(examples([1, 2])) in prints


def test_a_split_that_changed_is_named(tmp_path):
    fingerprints.require_same(tmp_path, {"train": "of an earlier version"})
    fingerprints.record(tmp_path, {"train": "a", "valid": "b"})
    fingerprints.require_same(tmp_path, {"train": "a"})
    with pytest.raises(UserError, match="The valid split is not .*--fresh"):
        fingerprints.require_same(tmp_path, {"train": "a", "valid": "c"})
