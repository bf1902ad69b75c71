"""Data sets: the built-in sample, Multi30k, Tatoeba, or files of your own."""

from apps.translation.data.multi30k import Multi30k
from apps.translation.data.own_files import OwnFiles
from apps.translation.data.sample import Sample
from apps.translation.data.tatoeba import Tatoeba

DATASETS = {
    dataset.name: dataset for dataset in (Sample, Multi30k, Tatoeba, OwnFiles)
}
