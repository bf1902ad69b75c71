"""The text of an example decides on its split."""

import pytest

from common.data import splits


def test_the_hash_of_the_text_decides():
    texts = [f"text {i}" for i in range(1000)]
    shares = {
        split: sum(splits.by_hash(text) == split for text in texts) / 1000
        for split in ("train", "valid", "test")
    }
    assert shares == pytest.approx(
        {"train": 0.8, "valid": 0.1, "test": 0.1}, abs=0.03
    )
    # The same in each process and on each machine.
    first = [splits.by_hash(f"text {i}") for i in range(4)]
    assert first == ["test", "train", "train", "valid"]


def test_examples_with_the_same_key_are_in_one_split():
    pairs = [(f"text {i % 100}", i) for i in range(300)]
    divided = splits.divided(pairs, lambda pair: pair[0])
    assert sorted(sum(divided.values(), [])) == sorted(pairs)
    for name, part in divided.items():
        assert part
        assert {splits.by_hash(text) for text, _ in part} == {name}
