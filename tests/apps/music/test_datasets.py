"""The sample and the published sets: splits, forms and damaged files."""

import json
import types

import numpy as np
import pytest
import scipy.io
import tensorflow as tf

from apps.music import data
from apps.music.data import rolls
from common.errors import UserError


def dataset_of(name, network="keys", data_dir=""):
    config = types.SimpleNamespace(
        dataset=name, network=network, data_dir=str(data_dir)
    )
    return data.DATASETS[name](config, None)


@pytest.fixture(scope="module")
def sample():
    return {
        network: dataset_of("sample", network) for network in ("keys", "voices")
    }


def test_a_roll_has_the_notes_of_its_voices():
    voices = np.array([[72, 67, 64, 48], [0, 60, 60, 21], [0, 0, 0, 0]])
    roll = rolls.of_voices(voices)
    assert roll.shape == (3, 88)
    assert roll.sum(1).tolist() == [4, 2, 0]
    assert roll[1, [0, 60 - 21]].tolist() == [1, 1]
    np.testing.assert_array_equal(
        rolls.voices_of(roll, 4),
        [[72, 67, 64, 48], [60, 21, 0, 0], [0, 0, 0, 0]],
    )


def test_rolls_and_voices_of_the_sample_are_the_same_music(sample):
    voices = sample["voices"].pieces("valid")
    pieces = sample["keys"].pieces("valid")
    assert len(voices) == 128
    for piece, roll in zip(voices, pieces):
        np.testing.assert_array_equal(rolls.voices_of(roll, 4), piece)
    np.testing.assert_array_equal(
        sample["keys"].log_probabilities(pieces[0]),
        sample["voices"].log_probabilities(voices[0]),
    )
    melody = dataset_of("sample", "melody")
    assert melody.log_probabilities(pieces[0]) is None


def test_the_sample_is_reproducible_and_differs_between_splits(sample):
    again = dataset_of("sample", "voices").pieces("valid")
    for one, two in zip(again, sample["voices"].pieces("valid")):
        np.testing.assert_array_equal(one, two)
    test = {piece.tobytes() for piece in sample["voices"].pieces("test")}
    assert len(test) == 256
    assert not test & {piece.tobytes() for piece in again}


def test_examples_are_padded_to_the_longest_piece(sample):
    for network, name, columns in (
        ("keys", "roll", 88),
        ("voices", "voices", 4),
    ):
        pieces = sample[network].pieces("valid")
        examples = sample[network].examples("valid")
        assert examples.cardinality() == 128
        longest = max(map(len, pieces))
        x, y = next(iter(examples.batch(128)))
        tf.debugging.assert_equal(x[name], y[name])
        assert set(y["frames_per_beat"].numpy()) == {2}
        assert x[name].shape == (128, longest, columns)
        for padded, piece in zip(x[name].numpy(), pieces):
            np.testing.assert_array_equal(padded[: len(piece)], piece)
            assert (padded[len(piece) :] == -1).all()


def write_matrices(path, **splits):
    cells = {}
    for key, pieces in splits.items():
        cells[key] = np.empty([1, len(pieces)], object)
        cells[key][0] = [*pieces]
    scipy.io.savemat(path, cells)


def test_published_rolls_are_read(tmp_path):
    pieces = [np.eye(88, dtype=np.uint8)[:n] for n in (3, 5)]
    write_matrices(tmp_path / "JSB_Chorales.mat", validdata=pieces)
    read = dataset_of("jsb", data_dir=tmp_path).pieces("valid")
    assert [piece.dtype for piece in read] == [np.int32] * 2
    for piece, expected in zip(read, pieces):
        np.testing.assert_array_equal(piece, expected)


def test_silence_in_published_voices_is_zero(tmp_path):
    path = tmp_path / "Jsb16thSeparated.json"
    path.write_text('{"test": [[[72, NaN, 55, -1], [72, 60, 55, 48]]]}')
    dataset = dataset_of("jsb", "voices", tmp_path)
    assert dataset.frames_per_beat == 4
    assert dataset.pieces("test")[0].tolist() == [
        [72, 0, 55, 0],
        [72, 60, 55, 48],
    ]


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        (None, "has no Nottingham.mat: download https://"),
        ([], r"no (pieces|readable) .*testdata"),
        ([np.zeros([4, 12])], r"shape \(4, 12\) in testdata\[0\]"),
        ([np.full([4, 88], 3)], r"values other than 0 and 1 in testdata\[0\]"),
        (b"MATLAB 5.0 MAT-file, cut", "no readable testdata"),
    ],
)
def test_damaged_rolls_are_refused(pieces, message, tmp_path):
    path = tmp_path / "Nottingham.mat"
    if isinstance(pieces, bytes):
        path.write_bytes(pieces)
    elif pieces is not None:
        write_matrices(path, testdata=pieces)
    with pytest.raises(UserError, match=message):
        dataset_of("nottingham", data_dir=tmp_path).pieces("test")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "has no Jsb16thSeparated.json: download https://"),
        ("{", r"no readable valid split \(JSONDecodeError\)"),
        ('{"train": []}', r"no readable valid split \(KeyError\)"),
        (json.dumps({"valid": []}), "no pieces in valid"),
        (json.dumps({"valid": [[[1, 2]]]}), r"shape \(1, 2\) in valid\[0\]"),
        (json.dumps({"valid": [[[1], [2, 3]]]}), "no readable valid split"),
        (json.dumps({"valid": [[[300, 50, 40, 30]]]}), r"a pitch above 108"),
    ],
)
def test_damaged_voices_are_refused(content, message, tmp_path):
    if content is not None:
        (tmp_path / "Jsb16thSeparated.json").write_text(content)
    with pytest.raises(UserError, match=message):
        dataset_of("jsb", "voices", tmp_path).pieces("valid")


def test_sets_without_voices_say_which_have_them(tmp_path):
    with pytest.raises(UserError, match="no separate voices; use --dataset=sa"):
        dataset_of("musedata", "voices", tmp_path).pieces("test")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "counts", "frames"),
    [
        ("jsb", (229, 76, 77), 4725),
        ("nottingham", (694, 173, 170), 44463),
        ("piano_midi", (87, 12, 25), 19036),
        ("musedata", (524, 135, 124), 64339),
    ],
)
def test_published_rolls_have_their_sizes(name, counts, frames, public_data):
    dataset = dataset_of(name, data_dir=public_data("polyphonic-music-mat"))
    splits = ("train", "valid", "test")
    assert tuple(len(dataset.pieces(split)) for split in splits) == counts
    assert sum(map(len, dataset.pieces("test"))) == frames


@pytest.mark.real_data
def test_the_voices_of_chorales_have_their_sizes(public_data):
    folder = public_data("jsb-chorales")
    dataset = dataset_of("jsb", "voices", folder)
    splits = ("train", "valid", "test")
    assert [len(dataset.pieces(split)) for split in splits] == [229, 76, 77]
    notes = np.concatenate(dataset.pieces("train"))
    assert notes.max(0).tolist() == [81, 74, 69, 66]
    assert notes.min(0).tolist() == [0, 0, 0, 0]
