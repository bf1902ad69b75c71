"""The weights of the last epochs, and their mean."""

import numpy as np
import pytest

from common.errors import UserError
from common.training import weight_averaging


def kept(folder, numbers, average=3, best=None):
    for number in numbers:
        arrays = [
            np.full([2], number, "f4"),
            np.array([number], "u4"),
            np.float32(10 * number),
        ]
        weight_averaging.keep(
            folder, number, arrays, (best or number) - average
        )
    return sorted(int(path.stem) for path in folder.iterdir())


def test_the_last_epochs_are_kept(tmp_path):
    assert kept(tmp_path, range(1, 8)) == [5, 6, 7]


def test_those_behind_the_best_are_kept_too(tmp_path):
    assert kept(tmp_path, range(1, 8), best=4) == [2, 3, 4, 5, 6, 7]


def test_the_mean_is_that_of_the_epochs_until_the_best(tmp_path):
    kept(tmp_path, range(1, 8), best=4)
    weights, seed, scalar = weight_averaging.mean(tmp_path, 4, 3)
    np.testing.assert_array_equal(weights, [3, 3])
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(seed, [4])
    assert scalar == 30


def test_leftovers_of_a_killed_process_do_no_harm(tmp_path):
    leftover = tmp_path / ".partial-1-0001.npz"
    leftover.write_bytes(b"half")
    kept(tmp_path / "epochs", [1])
    leftover.rename(tmp_path / "epochs" / leftover.name)
    weight_averaging.keep(tmp_path / "epochs", 2, [np.zeros(2)], 0)
    np.testing.assert_array_equal(
        weight_averaging.mean(tmp_path / "epochs", 2, 1)[0], [0, 0]
    )


def test_a_short_run_gives_what_there_is(tmp_path):
    kept(tmp_path, [1, 2])
    np.testing.assert_array_equal(
        weight_averaging.mean(tmp_path, 2, 9)[0], [1.5, 1.5]
    )


def test_more_than_were_kept_are_refused(tmp_path):
    kept(tmp_path, range(1, 8))
    with pytest.raises(UserError, match="epoch 4: --average=3 is the most"):
        weight_averaging.mean(tmp_path, 7, 4)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_file_that_is_cut_short_is_named(tmp_path, share):
    kept(tmp_path, [1, 2])
    path = tmp_path / "0001.npz"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"0001\.npz cannot be read"):
        weight_averaging.mean(tmp_path, 2, 2)
