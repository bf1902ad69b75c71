"""MIDI files that a graph writes, read back by this project and by others."""

import io
import warnings

import mido
import numpy as np
import pretty_midi
import pytest
import symusic
import tensorflow as tf

from apps.music.data.midi import quantization
from apps.music.data.midi import reader
from apps.music.model import midi_bytes

LENGTHS = [13, 40, 7]
SPEC = tf.TensorSpec([None, None, 88], tf.int32)


@pytest.fixture(scope="module")
def rolls():
    """Returns int32 (3, 40, 88), the shorter ones padded."""
    generator = np.random.default_rng(5)
    changes = generator.random([3, 40, 88]) < 0.1
    rolls = np.cumsum(changes, 1, np.int32) % 2
    rolls[1, 30:] = 0  # A silent end.
    for roll, length in zip(rolls, LENGTHS):
        roll[length:] = -1
    return rolls


@pytest.fixture(scope="module")
def voices():
    """Returns int32 (3, 40, 4), the shorter ones padded."""
    generator = np.random.default_rng(6)
    pitches = generator.integers(30, 100, [3, 40, 4])
    voices = np.where(generator.random([3, 40, 4]) < 0.2, 0, pitches // 9 * 9)
    # As in music, from high to low.
    voices = -np.sort(-voices.astype(np.int32), 2)
    voices[1, 30:] = 0
    voices[..., 0] = np.maximum(voices[..., 0], 80)
    for pitches, length in zip(voices, LENGTHS):
        pitches[length:] = -1
    return voices


@pytest.fixture(scope="module")
def contents(rolls):
    files = midi_bytes.midi_file(tf.constant(rolls), [60.0, 90.0, 133.0], 4)
    return list(files.numpy())


@pytest.mark.parametrize("frames_per_beat", [1, 4, 7, 24])
def test_a_roll_is_read_back(rolls, frames_per_beat):
    contents = midi_bytes.midi_file(tf.constant(rolls), 100, frames_per_beat)
    for content, roll, length in zip(contents.numpy(), rolls, LENGTHS):
        notes = reader.read(content, "x.mid")
        again = quantization.roll(notes, frames_per_beat)
        np.testing.assert_array_equal(again, roll[:length])
        assert notes.beats == pytest.approx(length / frames_per_beat)
        assert not notes.warnings


def test_voices_are_read_back(voices):
    contents = midi_bytes.midi_file(tf.constant(voices), 72, 4, velocity=50)
    for content, pitches, length in zip(contents.numpy(), voices, LENGTHS):
        notes = reader.read(content, "x.mid")
        again = quantization.voices(notes, 4)
        np.testing.assert_array_equal(again, pitches[:length])
        assert set(notes.velocity.tolist()) == {50}


def test_tempo_is_the_one_of_the_example(contents):
    tempos = [reader.read(content, "x").tempo for content in contents]
    assert tempos == pytest.approx([60, 90, 133], 1e-5)


def test_a_file_has_these_bytes():
    roll = np.zeros([1, 3, 88], np.int32)
    roll[0, :2, 39] = 1
    (content,) = midi_bytes.midi_file(tf.constant(roll), 120, 1, 64).numpy()
    meta = "00ff510307a120" + "00ff580404021808"
    name = "00ff0305" + b"Piano".hex() + "00c000"
    assert content.hex() == (
        (b"MThd".hex() + "00000006" + "0001" + "0002" + "01e0")
        + (b"MTrk".hex() + "00000014" + meta + "8b20ff2f00")
        + (b"MTrk".hex() + "0000001a" + name)
        + ("00903c40" + "8740803c40" + "8360ff2f00")
    )


def test_a_voice_is_a_track_with_a_name_and_a_program(voices):
    contents = midi_bytes.midi_file(
        tf.constant(voices), 100, 4, programs=[40, 41, 42, 43]
    )
    score = pretty_midi.PrettyMIDI(io.BytesIO(contents[0].numpy()))
    names = [part.name for part in score.instruments]
    assert names == ["Soprano", "Alto", "Tenor", "Bass"]
    assert [part.program for part in score.instruments] == [40, 41, 42, 43]
    (choir,) = midi_bytes.midi_file(tf.constant(voices[:1]), 100, 4).numpy()
    score = pretty_midi.PrettyMIDI(io.BytesIO(choir))
    assert {part.program for part in score.instruments} == {52}


@pytest.mark.parametrize("width", [88, 4])
@pytest.mark.parametrize("frames", [0, 6])
def test_silence_has_a_length(width, frames):
    silent = tf.zeros([2, frames, width], tf.int32)
    contents = midi_bytes.midi_file(silent, 60, 2).numpy()
    for content in contents:
        file = mido.MidiFile(file=io.BytesIO(content))
        assert file.length == frames / 2
        assert [m for m in file if m.type.startswith("note")] == []
    assert midi_bytes.midi_file(silent[:0], 60, 2).shape == [0]


def test_other_programs_open_the_files_without_a_warning(
    contents, voices, capfd
):
    choirs = midi_bytes.midi_file(tf.constant(voices), 100, 4).numpy()
    lengths = [length / 4 * 60 for length in LENGTHS]
    tempos = [60, 90, 133, 100, 100, 100]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for content, tempo, length in zip(
            [*contents, *choirs], tempos, [*lengths, *lengths]
        ):
            file = mido.MidiFile(file=io.BytesIO(content))
            assert file.type == 1
            assert file.length == pytest.approx(length / tempo, 1e-4)
            score = pretty_midi.PrettyMIDI(io.BytesIO(content))
            count = sum(len(part.notes) for part in score.instruments)
            assert count == len(reader.read(content, "x").pitch)
            score = symusic.Score.from_midi(content)
            assert sum(len(track.notes) for track in score.tracks) == count
    assert capfd.readouterr() == ("", "")


@pytest.mark.extended
def test_a_saved_model_writes_the_same_file_without_this_project(
    rolls, contents, foreign_process, tmp_path
):
    class Writer(tf.Module):
        @tf.function(
            input_signature=[SPEC, tf.TensorSpec([None])], autograph=False
        )
        def serve(self, roll, tempo):
            return midi_bytes.midi_file(roll, tempo, 4)

    tf.saved_model.save(Writer(), str(tmp_path / "model"))
    np.save(tmp_path / "rolls.npy", rolls)
    foreign_process.run(
        "import numpy, tensorflow as tf\n"
        "model = tf.saved_model.load('model')\n"
        "rolls = numpy.load('rolls.npy')\n"
        "for n, content in enumerate(model.serve(rolls, [60., 90., 133.])):\n"
        "    open(f'{n}.mid', 'wb').write(content.numpy())\n",
        folder=tmp_path,
    )
    assert contents == [(tmp_path / f"{n}.mid").read_bytes() for n in range(3)]
