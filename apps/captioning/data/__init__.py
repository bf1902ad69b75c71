"""Data sets: the built-in sample, Flickr8k, COCO, or files of your own."""

from apps.captioning.data.coco import COCO
from apps.captioning.data.flickr8k import Flickr8k
from apps.captioning.data.own_file import OwnFile
from apps.captioning.data.sample import Sample

DATASETS = {
    dataset.name: dataset for dataset in (Sample, Flickr8k, COCO, OwnFile)
}
