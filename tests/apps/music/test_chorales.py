"""Published chorales through a MIDI file, in pitches, frames and sound."""

import json

import numpy as np
import pytest
import tensorflow as tf

from apps.music.cli import synthesis
from apps.music.data.midi import quantization
from apps.music.data.midi import reader
from apps.music.model import midi_bytes


@pytest.mark.real_data
def test_chorales_are_read_back(public_data):
    path = public_data("jsb-chorales") / "Jsb16thSeparated.json"
    pieces = json.loads(path.read_text())["test"][:20]
    lengths = [len(piece) for piece in pieces]
    voices = np.full([len(pieces), max(lengths), 4], -1, np.int32)
    for row, piece in zip(voices, pieces):
        row[: len(piece)] = np.maximum(piece, 0)
    files = midi_bytes.midi_file(tf.constant(voices), 90, 4).numpy()
    for content, row, length in zip(files, voices, lengths):
        notes = reader.read(content, "x.mid")
        np.testing.assert_array_equal(
            quantization.voices(notes, 4), row[:length]
        )
        roll = quantization.roll(notes, 4)
        assert roll.shape == (length, 88)
        chord = np.unique(row[0][row[0] > 0])
        np.testing.assert_array_equal(np.flatnonzero(roll[0]) + 21, chord)
    sound = synthesis.frames_wav(voices[0], 90, 4)
    seconds = lengths[0] / 6 + synthesis.RELEASE
    assert len(sound) == pytest.approx(44 + 44_100 * seconds, abs=2)
