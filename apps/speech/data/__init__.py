"""Data sets: the built-in sample, published ones, or recordings of your own."""

from apps.speech.data.common_voice import CommonVoice
from apps.speech.data.fsdd import FSDD
from apps.speech.data.librispeech import LibriSpeech
from apps.speech.data.ljspeech import LJSpeech
from apps.speech.data.own_file import OwnFile
from apps.speech.data.sample import Sample

DATASETS = {
    dataset.name: dataset
    for dataset in (Sample, FSDD, LibriSpeech, CommonVoice, LJSpeech, OwnFile)
}
