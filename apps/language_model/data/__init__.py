"""Data sets: the built-in sample, published texts, or a file of your own."""

from apps.language_model.data.imdb import IMDB
from apps.language_model.data.own_file import OwnFile
from apps.language_model.data.penn_treebank import PennTreebank
from apps.language_model.data.sample import Sample
from apps.language_model.data.wikitext import WikiText2

DATASETS = {
    dataset.name: dataset
    for dataset in (Sample, PennTreebank, WikiText2, IMDB, OwnFile)
}
