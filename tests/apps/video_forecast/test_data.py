"""Clips: the sample, Moving MNIST, and folders of your own."""

import gzip

import numpy as np
import pytest
import tensorflow as tf

from apps.video_forecast.config import VideoForecastConfig
from apps.video_forecast.data import motion
from apps.video_forecast.data.moving_mnist import MovingMnist
from apps.video_forecast.data.own_clips import OwnClips
from apps.video_forecast.data.sample import Sample
from common.data.records import BadRecords
from common.errors import UserError
from common.video import decode
from common.video import writing


def dataset_of(kind, folder, **options):
    config = VideoForecastConfig(**options)
    return kind(config, BadRecords(folder / "bad_records.csv", 0))


def frames(video, size):
    clips = decode.read(video[None], size)
    return clips.frames[0].numpy().astype(np.uint8)


def test_objects_move_straight_and_are_reflected_at_the_border():
    path = motion.positions(np.random.default_rng(0), 20, 200, 0.1)
    assert path.min() == 0
    assert path.max() == 1
    distances = np.linalg.norm(np.diff(path, axis=0), axis=2)
    inside = ((path > 0) & (path < 1)).all(2)
    free = inside[1:] & inside[:-1]
    np.testing.assert_allclose(distances[free], 0.1)
    turns = np.diff(path, 2, axis=0)[free[1:] & free[:-1]]
    assert len(turns) > 1000
    np.testing.assert_allclose(turns, 0, atol=1e-12)
    assert distances.max() < 0.1 + 1e-9


def test_the_sample_is_reproducible_and_differs_between_splits(tmp_path):
    first, second = (dataset_of(Sample, tmp_path) for _ in range(2))
    for split in ("train", "valid", "test"):
        pairs = zip(first.examples(split).take(3), second.examples(split))
        for one, two in pairs:
            tf.nest.map_structure(tf.debugging.assert_equal, one, two)
    starts = {
        next(iter(first.examples(split)))[0]["video"].numpy()
        for split in ("train", "valid", "test")
    }
    assert len(starts) == 3


def test_a_clip_is_divided_into_context_and_horizon(tmp_path):
    dataset = dataset_of(Sample, tmp_path, context=3, horizon=5)
    whole = dataset_of(Sample, tmp_path, context=8, horizon=1)
    x, y = next(iter(dataset.examples("test")))
    before, after = frames(x["video"], 32), frames(y["video"], 32)
    assert before.shape == (3, 32, 32, 3)
    assert after.shape == (5, 32, 32, 3)
    np.testing.assert_array_equal(
        np.concatenate([before, after]),
        frames(next(iter(whole.examples("test")))[0]["video"], 32),
    )


def write_idx(path, pictures):
    header = b"\0\0\x08\x03" + b"".join(
        number.to_bytes(4, "big") for number in pictures.shape
    )
    path.write_bytes(gzip.compress(header + pictures.tobytes()))


@pytest.fixture
def mnist(tmp_path):
    """Returns a folder whose digits are squares of one brightness each."""
    for name, count in (("train", 60_000), ("t10k", 10_000)):
        digits = np.zeros((count, 28, 28), np.uint8)
        digits[:] = (np.arange(count) * 255 // count + 1)[:, None, None]
        write_idx(tmp_path / f"{name}-images-idx3-ubyte.gz", digits)
    return tmp_path


def test_moving_mnist_shows_two_digits_of_its_split(mnist, tmp_path):
    dataset = dataset_of(
        MovingMnist, tmp_path, data_dir=str(mnist), context=10, horizon=10
    )
    for split, (low, high) in {
        "train": (1, 234),
        "valid": (234, 255),
        "test": (1, 255),
    }.items():
        for x, _ in dataset.examples(split).take(20):
            clip = frames(x["video"], 64)
            assert clip.shape == (10, 64, 64, 3)
            values = set(np.unique(clip)) - {0}
            assert 1 <= len(values) <= 2
            assert low <= min(values) <= max(values) <= high


def test_too_few_digits_are_refused(tmp_path):
    digits = np.zeros((1000, 28, 28), np.uint8)
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", digits)
    dataset = dataset_of(MovingMnist, tmp_path, data_dir=str(tmp_path))
    with pytest.raises(UserError, match="has 1,000 digits; .* needs 60,000"):
        dataset.examples("valid")


@pytest.mark.slow
@pytest.mark.real_data
def test_moving_mnist_has_the_brightness_of_the_published_clips(
    public_data, tmp_path
):
    """The squared error of the black frame depends on the digits alone."""
    dataset = dataset_of(
        MovingMnist,
        tmp_path,
        data_dir=str(public_data("mnist")),
        context=10,
        horizon=10,
    )
    errors = [
        np.square(frames(y["video"], 64)[..., 0] / 255).sum((1, 2)).mean()
        for _, y in dataset.examples("test").take(300)
    ]
    assert np.mean(errors) == pytest.approx(172, abs=6)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "is not an IDX file"),
        (b"\0\0\x08\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c\0", "is not an IDX"),
        (None, "has no train-images-idx3-ubyte.gz"),
    ],
)
def test_a_broken_mnist_is_refused(content, message, tmp_path):
    if content is not None:
        (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    dataset = dataset_of(MovingMnist, tmp_path, data_dir=str(tmp_path))
    with pytest.raises(UserError, match=message):
        next(iter(dataset.examples("train")))


def test_own_clips_are_cut_into_windows(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(30):
        clip = rng.integers(0, 2, (11, 8, 8, 3), np.uint8) * 255
        writing.write_gif(folder / f"{number}.gif", clip, 0.1)
    dataset = dataset_of(
        OwnClips,
        tmp_path,
        dataset=str(folder),
        frame_size=8,
        context=3,
        horizon=2,
    )
    sizes = {
        split: int(dataset.examples(split).cardinality())
        for split in ("train", "valid", "test")
    }
    # Windows start at the frames 0, 2, 4 and 6.
    assert sum(sizes.values()) == 30 * 4
    assert all(size % 4 == 0 for size in sizes.values())
    numbers = {split: dataset.clip_numbers(split) for split in sizes}
    assert {s: len(n) for s, n in numbers.items()} == sizes
    # All windows of a clip are in the same split.
    clips = [set(n) for n in numbers.values()]
    assert sum(map(len, clips)) == len(set.union(*clips)) == 30
    x, y = next(iter(dataset.examples("train")))
    assert frames(x["video"], 8).shape == (3, 8, 8, 3)
    assert frames(y["video"], 8).shape == (2, 8, 8, 3)


def test_clips_that_are_too_short_are_left_out_or_refused(tmp_path, capsys):
    folder = tmp_path / "clips"
    folder.mkdir()
    clip = np.zeros((4, 8, 8, 3), np.uint8)
    writing.write_gif(folder / "a.gif", clip, 0.1)
    with pytest.raises(UserError, match="has 16 frames"):
        dataset_of(OwnClips, tmp_path, dataset=str(folder)).examples("train")
    for number in range(30):
        writing.write_gif(folder / f"{number}.gif", clip + 8 * number, 0.1)
    writing.write_gif(folder / "short.gif", clip[:2], 0.1)
    options = {"dataset": str(folder), "context": 2, "horizon": 1}
    dataset = dataset_of(OwnClips, tmp_path, frame_size=8, **options)
    assert dataset.examples("train").cardinality() > 0
    line = "left out 1 of 32 clips, which have fewer than 3 frames"
    assert line in capsys.readouterr().err
