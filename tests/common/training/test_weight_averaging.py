"""The weights of the last epochs, and their mean."""

import numpy as np
import pytest

from common.errors import UserError
from common.training import weight_averaging


def keep_epochs(folder, numbers, average=3, best=None):
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


def test_keeps_the_last_epochs(tmp_path):
    assert keep_epochs(tmp_path, range(1, 8)) == [5, 6, 7]


def test_keeps_the_epochs_before_the_best_one(tmp_path):
    assert keep_epochs(tmp_path, range(1, 8), best=4) == [2, 3, 4, 5, 6, 7]


def test_averages_the_epochs_that_end_at_the_best(tmp_path):
    keep_epochs(tmp_path, range(1, 8), best=4)
    weights, seed, scalar = weight_averaging.mean(tmp_path, 4, 3)
    np.testing.assert_array_equal(weights, [3, 3])
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(seed, [4])
    assert scalar == 30


def test_ignores_leftovers_of_a_killed_process(tmp_path):
    leftover = tmp_path / ".partial-1-0001.npz"
    leftover.write_bytes(b"half")
    keep_epochs(tmp_path / "epochs", [1])
    leftover.rename(tmp_path / "epochs" / leftover.name)
    weight_averaging.keep(tmp_path / "epochs", 2, [np.zeros(2)], 0)
    np.testing.assert_array_equal(
        weight_averaging.mean(tmp_path / "epochs", 2, 1)[0], [0, 0]
    )


def test_a_short_run_averages_all_its_epochs(tmp_path):
    keep_epochs(tmp_path, [1, 2])
    np.testing.assert_array_equal(
        weight_averaging.mean(tmp_path, 2, 9)[0], [1.5, 1.5]
    )


def test_refuses_to_average_more_epochs_than_were_kept(tmp_path):
    keep_epochs(tmp_path, range(1, 8))
    with pytest.raises(UserError, match="--average_epochs=3 is the maximum"):
        weight_averaging.mean(tmp_path, 7, 4)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_names_a_truncated_file(tmp_path, share):
    keep_epochs(tmp_path, [1, 2])
    path = tmp_path / "0001.npz"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"0001\.npz cannot be read"):
        weight_averaging.mean(tmp_path, 2, 2)
