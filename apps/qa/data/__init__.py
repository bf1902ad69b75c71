"""Data sets: the built-in sample, bAbI, or a file of your own."""

from apps.qa.data.babi import BAbI
from apps.qa.data.own_file import OwnFile
from apps.qa.data.sample import Sample

DATASETS = {dataset.name: dataset for dataset in (Sample, BAbI, OwnFile)}
