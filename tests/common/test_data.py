"""Batches of similar length, orders that come back, archives in place."""

import io
import tarfile
import types

import numpy as np
import pytest
import tensorflow as tf

from common import data
from common.errors import UserError

MODEL = types.SimpleNamespace(
    preprocess=lambda x, y: (tf.fill([x["n"]], x["n"]), y)
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
    batches = list(data.batches(examples(lengths), MODEL, 4))
    assert labels(batches) == [[0, 2, 4, 6], [8, 1, 3, 5], [7, 9]]
    for x, y in batches:
        assert x.shape[1] == max(lengths[i] for i in y.numpy())
        for row, i in zip(x.numpy(), y.numpy()):
            assert row[: lengths[i]].tolist() == [lengths[i]] * lengths[i]
            assert not row[lengths[i] :].any()
    assert sorted(sum(labels(batches), [])) == list(range(10))


def test_inputs_of_one_shape_need_no_buckets():
    model = types.SimpleNamespace(preprocess=lambda x, y: (x["n"], y))
    batches = list(data.batches(examples([1, 2, 3]), model, 2))
    assert labels(batches) == [[0, 1], [2]]


def test_each_epoch_has_its_own_order_and_all_examples():
    batches, steps = data.training_batches(
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
    tf.random.set_seed(None)


@pytest.mark.usefixtures("global_seed")
def test_a_later_epoch_is_the_same_when_training_begins_there():
    lengths = np.random.default_rng(0).integers(1, 200, 50).tolist()
    whole, steps = data.training_batches(examples(lengths), MODEL, CONFIG, 0)
    later, same = data.training_batches(examples(lengths), MODEL, CONFIG, 2)
    assert steps == same
    assert labels(whole.skip(2 * steps).take(steps)) == labels(
        later.take(steps)
    )


def test_an_empty_split_is_named():
    with pytest.raises(UserError, match="test split of toy"):
        data.refuse_empty(examples([1]).take(0), "test split of toy")


def test_the_fingerprint_sees_every_change():
    prints = {
        data.fingerprint(examples(lengths))
        for lengths in ([1, 2], [2, 1], [1, 3], [1, 2, 2])
    }
    assert len(prints) == 4
    assert data.fingerprint(examples([1, 2])) in prints


@pytest.fixture
def archive(tmp_path):
    """Returns a tar.gz with two plain files, a link out, and a folder."""
    path = tmp_path / "set.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in (("set/a.txt", b"A" * 9999), ("set/b.txt", b"B")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("set/link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def members(path):
    found = data.read_members(path, r"(?:set/)?(\w+)\.txt")
    return {match[1]: content for match, content in found}


def test_an_archive_and_its_folder_read_the_same(archive, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"A" * 9999)
    (folder / "b.txt").write_bytes(b"B")
    (folder / "c.md").write_bytes(b"C")
    assert members(archive) == members(folder) == {"a": b"A" * 9999, "b": b"B"}


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_archive_is_named(archive, share):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"set\.tar\.gz is broken"):
        members(archive)


def test_an_archive_that_is_none_or_corrupt_is_named(archive):
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    for broken in (b"no archive at all", bytes(content)):
        archive.write_bytes(broken)
        with pytest.raises(UserError, match=r"set\.tar\.gz is broken"):
            members(archive)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        members(tmp_path / "nowhere")
