"""Data sets: the built-in sample, published ones, or MIDI files of your own."""

from apps.music.data.own_folder import OwnFolder
from apps.music.data.piano_rolls import JSB
from apps.music.data.piano_rolls import MuseData
from apps.music.data.piano_rolls import Nottingham
from apps.music.data.piano_rolls import PianoMidi
from apps.music.data.sample import Sample

DATASETS = {
    dataset.name: dataset
    for dataset in (Sample, JSB, Nottingham, PianoMidi, MuseData, OwnFolder)
}
