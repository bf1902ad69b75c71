"""Data sets: the built-in sample, UCF-101, or clips of your own."""

from apps.video.data.sample import Sample

DATASETS = {dataset.name: dataset for dataset in (Sample,)}
