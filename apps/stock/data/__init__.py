"""Data sets: simulated markets, or price files of your own."""

from apps.stock.data.prices import Prices
from apps.stock.data.sample import Sample

DATASETS = {dataset.name: dataset for dataset in (Sample, Prices)}
