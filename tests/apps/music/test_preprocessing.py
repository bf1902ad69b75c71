"""Frames, windows and transposition."""

import numpy as np
import tensorflow as tf

from apps.music.config import MusicConfig
from apps.music.model import frames
from apps.music.model import transposition
from apps.music.model import windows
from apps.music.model.composer import Composer
from tests.apps.music import tiny


def test_counts_the_frames_before_the_first_negative_one():
    pieces = np.zeros([3, 4, 88], np.int32)
    pieces[1, 2:] = -1
    pieces[2, 0, 5] = -7
    np.testing.assert_array_equal(frames.counts(tf.constant(pieces)), [4, 2, 0])


def test_indices_are_pitches_of_a_piano():
    pitches = tf.constant([0, 20, 21, 60, 108, 109, 2**31 - 1, -(2**31)])
    indices = frames.indices(pitches)
    np.testing.assert_array_equal(indices, [0, 0, 1, 40, 88, 0, 0, 0])
    np.testing.assert_array_equal(
        frames.pitches(indices), [0, 0, 21, 60, 108, 0, 0, 0]
    )


def test_voices_sound_in_a_roll_whose_highest_key_is_the_melody():
    voices = frames.indices(tf.constant([[72, 67, 64, 48], [0, 0, 0, 0]]))
    roll = frames.roll(voices)
    np.testing.assert_array_equal(
        np.flatnonzero(roll[0]), np.array([48, 64, 67, 72]) - 21
    )
    assert not np.any(roll[1])
    np.testing.assert_array_equal(
        frames.pitches(frames.highest(roll)), [[72], [0]]
    )


def test_windows_hold_each_frame_once_after_the_one_before_it():
    pieces = tf.reshape(tf.range(2 * 7), [2, 7, 1])
    before, targets = windows.cut(pieces, tf.constant([7, 4]), 3)
    assert targets.to_list() == [
        [[0], [1], [2]],
        [[3], [4], [5]],
        [[6]],
        [[7], [8]],
        [[9], [10]],
    ]
    assert before.to_list() == [
        [[-1], [0], [1]],
        [[2], [3], [4]],
        [[5]],
        [[-1], [7]],
        [[8], [9]],
    ]


def test_windows_of_a_piece_have_about_the_same_length():
    piece = tf.zeros([1, 260, 1], tf.int32)
    _, targets = windows.cut(piece, tf.constant([260]), 256)
    assert targets.row_lengths().numpy().tolist() == [130, 130]


def test_nothing_has_no_windows():
    _, targets = windows.cut(
        tf.zeros([2, 5, 88], tf.int32), tf.constant([0, 0]), 3
    )
    assert targets.nrows() == 0


def transposed(parts, ranges, number):
    return transposition.transpose(parts, 3, ranges, tf.constant([0, number]))


def test_transposed_keys_are_the_same_music_within_the_range():
    roll = np.zeros([1, 2, 88], np.int32)
    roll[0, 0, [40, 44]] = roll[0, 1, 41] = 1
    before = tf.constant(np.concatenate([[[[-1] * 88]], roll[:, :1]], 1))
    changes = set()
    for number in range(40):
        previous, moved = transposed(
            [tf.cast(before, tf.int32), tf.constant(roll)], [[40, 46]], number
        )
        change = int(np.flatnonzero(moved[0, 0])[0]) - 40
        changes.add(change)
        np.testing.assert_array_equal(moved, np.roll(roll, change, 2))
        np.testing.assert_array_equal(previous[:, 0], before[:, 0])
        np.testing.assert_array_equal(previous[:, 1:], moved[:, :1])
    # Indices are 41 to 45, and the range is 40 to 46.
    assert changes == {-1, 0, 1}


def test_transposed_voices_keep_silence_and_their_ranges():
    voices = tf.constant([[[50, 45, 0, 30], [52, 45, 38, 30]]])
    ranges = [[40, 60], [35, 55], [28, 39], [20, 40]]
    changes = set()
    for number in range(40):
        (moved,) = transposed([voices], ranges, number)
        change = int(moved[0, 0, 0]) - 50
        changes.add(change)
        np.testing.assert_array_equal(
            moved, np.where(voices > 0, voices + change, 0)
        )
    assert changes == {-3, -2, -1, 0, 1}


def test_preprocessing_gives_windows_of_what_the_network_reads():
    model = tiny.composer("melody")
    roll = np.zeros([1, 10, 88], np.int32)
    roll[0, :, 7] = roll[0, :, 3] = 1
    roll[0, 9] = -1
    inputs, targets = model.preprocess({"roll": tf.constant(roll)}, {})
    np.testing.assert_array_equal(inputs["counts"], [5, 4])
    np.testing.assert_array_equal(targets.flat_values, [[8]] * 9)
    assert inputs["previous"].to_list()[0][0] == [-1]


def test_the_learning_rate_falls_over_the_windows_of_all_epochs():
    """A piece has several windows, and a batch is of windows."""
    roll = np.zeros([5, 20, 88], np.int32)
    roll[:, :, 40] = 1
    roll[1:, 9:] = -1  # Two windows of 8 frames; three of the first piece.
    pieces = tf.data.Dataset.from_tensor_slices(
        ({"roll": roll}, {"frames_per_beat": np.full(5, 2, np.int32)})
    )
    config = MusicConfig(network="keys", window=8, batch_size=4, epochs=7)
    model = Composer.create(config, pieces, 2)
    assert model.optimizer._learning_rate.decay_steps == 3 * 7
