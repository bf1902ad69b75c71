"""Data sets: the built-in sample, IMDB, or a file of your own."""

from apps.sentiment.data.imdb import IMDB
from apps.sentiment.data.own_file import OwnFile
from apps.sentiment.data.sample import Sample

DATASETS = {dataset.name: dataset for dataset in (Sample, IMDB, OwnFile)}
