"""Data sets of recordings and their transcripts."""

from apps.speech.data.fsdd import FSDD
from apps.speech.data.sample import Sample

DATASETS = {dataset.name: dataset for dataset in (Sample, FSDD)}
