"""Data sets: the built-in sample, UCF-101, or clips of your own."""

from apps.video.data.own_file import OwnFile
from apps.video.data.sample import Sample
from apps.video.data.ucf101 import UCF101

DATASETS = {dataset.name: dataset for dataset in (Sample, UCF101, OwnFile)}
