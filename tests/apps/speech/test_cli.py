"""Recordings of the command line, streams, times, and the picture."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from common import interface
from common.audio import writing
from common.errors import UserError

RATE = 8000


def predict(app, model, *words):
    """Returns the lines that `predict` prints."""
    return list(app.interface.commands["predict"](app.interface, model, words))


@pytest.fixture
def folder(recordings, tmp_path):
    """Two recordings, and files that are none."""
    (tmp_path / "b2.wav").write_bytes(recordings[0].content)
    (tmp_path / "b10.wav").write_bytes(recordings[1].content)
    (tmp_path / "notes.txt").write_text("Not a recording.")
    return tmp_path


@pytest.fixture(scope="module")
def app(app_with):
    return app_with()


def test_recordings_are_files_folders_and_test_examples(
    app, model, folder, capsys
):
    lines = predict(app, model, str(folder), "test:3", str(folder / "b2.wav"))
    names = [line.partition("\t")[0] for line in lines]
    files = [str(folder / name) for name in ("b2.wav", "b10.wav")]
    assert names == [*files, "test:3", files[0]]
    assert lines[0] == lines[3]
    assert "notes.txt" in capsys.readouterr().err


def test_an_answer_is_that_of_the_model(app, model, folder, recordings):
    (line,) = predict(app, model, str(folder / "b2.wav"))
    outputs = model.serve(audio=[recordings[0].content])
    transcript = outputs["transcript"][0].numpy().decode()
    assert transcript
    assert line == f"{folder / 'b2.wav'}\t{transcript}"


def test_flac_needs_the_extra_and_has_the_same_answer(app, model, tmp_path):
    soundfile = pytest.importorskip("soundfile")
    samples = np.random.default_rng(0).integers(-5000, 5000, RATE, "i2")
    (tmp_path / "a.wav").write_bytes(writing.wav_file(samples, RATE))
    soundfile.write(tmp_path / "a.flac", samples, RATE)
    lines = predict(app, model, *map(str, sorted(tmp_path.iterdir())))
    assert len({line.partition("\t")[2] for line in lines}) == 1


def test_names_come_from_standard_input(app, model, folder):
    names = [str(folder / "b2.wav"), str(folder / "b10.wav")]
    stream = io.BufferedReader(io.BytesIO("\n".join(names).encode()))
    words = interface.StandardInput(stream)
    lines = list(app.interface.predict(model, words))
    assert [line.partition("\t")[0] for line in lines] == names


def test_unreadable_recordings_are_named_and_the_others_answered(
    app, model, folder, capsys
):
    (folder / "empty.wav").write_bytes(b"")
    names = [str(folder / n) for n in ("notes.txt", "none.wav", "empty.wav")]
    lines = []
    with pytest.raises(UserError, match="5 of 6 recordings could not be read"):
        lines.extend(
            app.interface.predict(model, [*names, "test:99", "", "test:0"])
        )
    assert [line.partition("\t")[0] for line in lines] == ["test:0"]
    problems = capsys.readouterr().err.splitlines()
    for name, problem in zip([*names, "test:99"], problems):
        assert problem.startswith(f"speech: {name}")
    assert problems[4].startswith("speech: The name of a recording is empty")
    assert len(problems) == 5


def test_times_of_words_are_shown(app_with, model, folder):
    lines = predict(app_with(times=True), model, str(folder / "b2.wav"))
    transcript = lines[0].partition("\t")[2]
    form = r" +([\d.]+) - ([\d.]+) s  (\S+) \(([01]\.\d\d)\)"
    timed = [re.fullmatch(form, line).groups() for line in lines[1:]]
    assert [word for _, _, word, _ in timed] == transcript.split()
    assert all(float(start) < float(end) for start, end, *_ in timed)


def test_alternatives_are_shown_with_their_scores(app_with, model, folder):
    app = app_with(alternatives=3)
    lines = predict(app, model, str(folder / "b2.wav"))
    listed = [line.strip().partition("  ") for line in lines[1:]]
    assert len(listed) == 3
    assert listed[0][2] == lines[0].partition("\t")[2]
    scores = [float(score) for score, _, _ in listed]
    assert scores == sorted(scores, reverse=True)
    assert len({text for *_, text in listed}) == 3


@pytest.mark.extended
def test_a_stream_shows_words_as_they_come(app_with, forward_model, folder):
    app, word = app_with(stream=True), str(folder / "b2.wav")
    *parts, last = predict(app, forward_model, word)
    seconds = [re.match(r" +([\d.]+) s  ", part)[1] for part in parts]
    assert len(parts) > 1
    assert [float(s) for s in seconds] == sorted(set(map(float, seconds)))
    whole = predict(app_with(), forward_model, word)
    assert [last] == whole


def test_a_model_of_both_directions_has_no_streams(app_with, model):
    with pytest.raises(UserError, match="--stream needs .* --nobidirectional"):
        predict(app_with(stream=True), model, "test:0")


@pytest.mark.extended
def test_the_picture_is_drawn(app_with, model, tmp_path):
    path = tmp_path / "words.png"
    lines = predict(app_with(picture=str(path)), model, "test:0")
    assert lines[-1] == f"See {path}"
    with Image.open(path) as image:
        assert image.format == "PNG"


@pytest.mark.parametrize(
    ("picture", "words", "message"),
    [
        ("x.gif", ["test:0"], "--picture=x.gif: .* end in .png"),
        ("x.png", ["test:0", "test:1"], "draws one recording: pass one, not 2"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused(
    app_with, model, picture, words, message
):
    with pytest.raises(UserError, match=message):
        predict(app_with(picture=picture), model, *words)


def test_long_recordings_are_answered_in_smaller_batches(
    app, model, recordings, monkeypatch
):
    from apps.speech.cli import interface as interface_lib

    content = recordings[0].content
    sizes = []
    monkeypatch.setattr(interface_lib, "MAX_BATCH_BYTES", 2 * len(content))
    monkeypatch.setattr(
        app.interface,
        "read_checked",
        lambda word: interface_lib.Recording(word, content),
    )
    monkeypatch.setattr(
        app.interface,
        "answer_files",
        lambda model, batch: sizes.append(len(batch)) or [],
    )
    predict(app, model, *map(str, range(5)))
    assert sizes == [2, 2, 1]
