"""MIDI files of the command line, and the files of answers."""

import wave

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from apps.music.cli import keys
from apps.music.cli import pieces
from apps.music.data import rolls
from apps.music.data.midi import quantization
from apps.music.data.midi import reader
from apps.music.model import midi_bytes
from apps.music.model import piece_reader
from common.errors import UsageError
from common.errors import UserError
from tests.apps.music import tiny


@pytest.fixture(scope="module")
def app(app_with):
    return app_with(network="nade")


@pytest.fixture(scope="module")
def voices_app(app_with):
    return app_with(network="voices")


def run(app, command, *words):
    """Returns the lines that a command prints."""
    interface = app.interface
    return list(interface.commands[command](interface, app.model, words))


def write(path, frames):
    """Writes a MIDI file of frames with two frames in a beat."""
    content = midi_bytes.midi_file(tf.constant(frames[None]), 100.0, 2)
    path.write_bytes(content.numpy()[0])
    return str(path)


def stem_of(line):
    """Returns the path of the files of an answer without its ending."""
    return line.partition("\t")[2].partition(".mid ")[0]


def read(path, frames_per_beat=2):
    with open(path, "rb") as file:
        notes = reader.read(file.read(), str(path))
    return notes, quantization.roll(notes, frames_per_beat)


def test_continues_a_file_note_for_note_by_the_bars(app, tmp_path):
    primer = tiny.roll(6)[0].numpy()
    (line,) = run(app, "predict", write(tmp_path / "my primer.mid", primer))
    notes, roll = read(stem_of(line) + ".mid")
    assert notes.beats == 3 + 4
    np.testing.assert_array_equal(roll[:6], primer)


def test_an_answer_is_a_file_a_picture_and_a_sound(app):
    first, second = run(app, "predict", "test:0", "test:0")
    assert first.startswith("test:0\t")
    assert stem_of(first) != stem_of(second)
    with wave.open(stem_of(first) + ".wav") as sound:
        # 4 + 9 / 2 beats at 100 a minute, and the release of the last notes.
        seconds = sound.getnframes() / sound.getframerate()
        assert 5.1 < seconds < 6.5
    Image.open(stem_of(first) + ".png").verify()


def test_unreadable_files_are_named_and_the_others_answered(
    app, tmp_path, capsys
):
    good = write(tmp_path / "a.mid", tiny.roll(4)[0].numpy())
    (tmp_path / "b.mid").write_bytes(b"MThd but no more")
    (tmp_path / "c.txt").write_text("Not music.")
    interface, lines = app.interface, []
    with pytest.raises(UserError, match="1 of 2 pieces could not be read"):
        lines.extend(
            interface.commands["predict"](interface, app.model, [str(tmp_path)])
        )
    assert "b.mid" in (error := capsys.readouterr().err)
    assert "c.txt" in error
    assert [line.partition("\t")[0] for line in lines] == [good]


def test_a_missing_file_is_one_line(app, tmp_path):
    with pytest.raises(UserError, match=r"Cannot read .*missing\.mid: No such"):
        app.interface.read_checked(str(tmp_path / "missing.mid"))


def test_odd_files_are_read_with_a_warning(app, tmp_path, capsys):
    path = write(tmp_path / "cut.mid", tiny.roll(8)[0].numpy())
    content = (tmp_path / "cut.mid").read_bytes()
    (tmp_path / "cut.mid").write_bytes(content[:-40])
    assert len(app.interface.read_checked(path).frames)
    assert "cut.mid" in capsys.readouterr().err


def test_a_piece_that_is_too_long_is_refused(app, tmp_path, monkeypatch):
    assert pieces.MAX_FRAMES == piece_reader.MAX_FRAMES
    monkeypatch.setattr(pieces, "MAX_FRAMES", 7)
    path = write(tmp_path / "long.mid", tiny.roll(8)[0].numpy())
    with pytest.raises(UserError, match="has 8 frames, and at most 7"):
        app.interface.read_checked(path)


def test_a_collapsed_piece_is_reported_and_not_written(tmp_path):
    folder = pieces.Folder(tmp_path, 100.0, 2)
    chord = np.tile([[72, 67, 64, 48]], [32, 1])
    answer = folder.write("one", b"", chord)
    assert answer.startswith("collapsed (one chord), not written")
    assert folder.write("none", b"", chord * 0).startswith("collapsed (silence")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("word", ["0", "x", "-1", "1.5"])
def test_generate_takes_a_number(app, word):
    with pytest.raises(UsageError, match="generate takes a number of pieces"):
        run(app, "generate", word)


def test_generates_pieces_of_different_seeds(app):
    lines = run(app, "generate", "2")
    rolls = [read(stem_of(line) + ".mid")[1] for line in lines]
    assert np.any(rolls[0] != rolls[1])


def test_generates_in_a_key(app_with):
    app = app_with(key="Eb", network="nade")
    (line,) = run(app, "generate")
    assert line.startswith("Eb\t")
    _, roll = read(stem_of(line) + ".mid")
    assert keys.estimate(pieces.pitches(roll)) == (3, False)


@pytest.mark.parametrize("key", ["H", "C##", "Cmaj", "#"])
def test_an_unknown_key_is_refused(app_with, key):
    with pytest.raises(UsageError, match="is not a key"):
        run(app_with(key=key, network="nade"), "generate")


def test_harmonizes_the_highest_notes(voices_app, tmp_path):
    voices = tiny.voices(6)[0].numpy()
    path = write(tmp_path / "chorale.mid", voices)
    (line,) = run(voices_app, "harmonize", path)
    notes, _ = read(stem_of(line) + ".mid")
    assert notes.beats == 3
    melody = quantization.melody(read(path)[0], 2)
    soprano = quantization.roll(notes, 2)
    assert all(soprano[t, pitch - 21] for t, pitch in enumerate(melody))


def test_other_commands_answer_the_readable_pieces_too(
    voices_app, tmp_path, capsys
):
    (tmp_path / "a.mid").write_bytes(b"")
    write(tmp_path / "b.mid", tiny.voices(6)[0].numpy())
    for command in ("harmonize", "score"):
        lines = []
        with pytest.raises(UserError, match="1 of 2 pieces"):
            lines.extend(run(voices_app, command, str(tmp_path)))
        assert "a.mid is empty" in capsys.readouterr().err


def test_a_single_melody_is_continued_in_voices(voices_app, tmp_path):
    melody = np.array([[72, 0, 0, 0]] * 4 + [[74, 0, 0, 0]] * 4)
    path = write(tmp_path / "melody.mid", rolls.of_voices(melody))
    frames = voices_app.interface.read_checked(path).frames
    np.testing.assert_array_equal(frames, melody)


def test_harmonize_needs_a_model_of_voices(app):
    with pytest.raises(UsageError, match="--network=voices"):
        run(app, "harmonize", "test:0")


def test_scores_a_piece_and_lists_its_surprises(app):
    first, *frames = run(app, "score", "test:1")
    (x, _), *_ = app.examples("test").skip(1)
    roll = x["roll"][:10]
    expected = app.model.serving.score(roll[None])["nats"][0].numpy()
    assert first == f"test:1\t{expected[1:].mean():.3f} nats per frame"
    highest = np.sort(expected[1:])[-5:]
    listed = sorted(float(line.split("nats")[0].split()[-1]) for line in frames)
    np.testing.assert_allclose(listed, highest, atol=0.006)


@pytest.mark.parametrize("command", ["harmonize", "score"])
def test_commands_need_a_piece(voices_app, command):
    with pytest.raises(UsageError, match="takes at least one piece"):
        run(voices_app, command)


def test_notes_and_keys_have_names():
    assert [keys.note(p) for p in (21, 60, 61, 70)] == [
        "A0",
        "C4",
        "C#4",
        "Bb4",
    ]
    assert keys.parse("f#m") == (6, True)
    assert keys.parse("Cb") == (11, False)
    assert keys.name(6, True) == "F#m"


@pytest.mark.parametrize(
    ("tonic", "is_minor", "scale"),
    [
        (0, False, (0, 2, 4, 5, 7, 9, 11, 0, 4, 7, 0)),
        (9, True, (0, 2, 3, 5, 7, 8, 11, 0, 3, 7, 0)),
    ],
)
def test_the_key_of_a_scale(tonic, is_minor, scale):
    pitches = np.array(scale) + 60 + tonic
    assert keys.estimate(pitches) == (tonic, is_minor)


def test_transposed_music_stays_on_the_piano():
    roll = np.zeros([2, 88], np.int32)
    roll[0, 80] = roll[1, 75] = 1
    moved = rolls.transposed(roll, 10)
    np.testing.assert_array_equal(np.nonzero(moved)[1], [78, 85])
    voices = np.array([[30, 0], [25, 24]])
    np.testing.assert_array_equal(
        rolls.transposed(voices, -5), [[25, 0], [32, 31]]
    )


def test_python_has_the_file_as_bytes(app):
    (answer,) = app.predict(["test:0"])
    notes = reader.read(answer["midi_bytes"], "answer")
    assert notes.beats == 9 / 2 + 4
