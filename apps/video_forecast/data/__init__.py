"""Data sets: moving shapes, Moving MNIST, or clips of your own."""

from apps.video_forecast.data.moving_mnist import MovingMnist
from apps.video_forecast.data.own_clips import OwnClips
from apps.video_forecast.data.sample import Sample

DATASETS = {
    dataset.name: dataset for dataset in (Sample, MovingMnist, OwnClips)
}
