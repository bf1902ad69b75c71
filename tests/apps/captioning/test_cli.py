"""Pictures of the command line, their captions, and figures."""

import os
import re

import pytest
from PIL import Image

from apps.captioning.cli import pictures as pictures_lib
from common.errors import UserError
from common.interface import StandardInput


def predict(app, model, *words):
    """Returns the lines that `predict` prints."""
    return list(app.interface.commands["predict"](app.interface, model, words))


@pytest.mark.extended
def test_pictures_are_files_folders_and_test_examples(app_with, model, folder):
    photo = str(folder / "photos" / "0.jpg")
    lines = predict(app_with(), model, photo, str(folder / "photos"), "test:3")
    names = [line.split("\t")[0] for line in lines]
    assert names == [photo, photo, photo.replace("0.jpg", "1.jpg"), "test:3"]
    assert lines[0] == lines[1]


@pytest.mark.extended
def test_unreadable_pictures_are_named_and_the_others_answered(
    app_with, model, folder, capsys
):
    names = ["truncated.jpg", "photos/0.jpg", "text.jpg", "none.jpg"]
    words = [*(str(folder / name) for name in names), "test:99"]
    app, lines = app_with(), []
    with pytest.raises(UserError, match="4 of 5 pictures could not be read"):
        lines.extend(app.interface.predict(model, words))
    assert [line.split("\t")[0] for line in lines] == [words[1]]
    problems = capsys.readouterr().err
    for name in ("truncated.jpg", "text.jpg", "none.jpg", "test:99"):
        assert re.search(rf"captioning: \S*{name} \S+.*\.\n", problems)


@pytest.mark.extended
@pytest.mark.parametrize(
    "diversity", [0.0, pytest.param(1.0, marks=pytest.mark.slow)]
)
def test_alternatives_have_scores(app_with, model, diversity):
    app = app_with(alternatives=3, diversity=diversity)
    words = [f"test:{i}" for i in range(5)]
    rows = [line.split("\t") for line in predict(app, model, *words)]
    assert [name for name, _, _ in rows] == [w for w in words for _ in range(3)]
    for i in range(0, 15, 3):
        scores = [float(score) for _, score, _ in rows[i : i + 3]]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.extended
def test_figures_are_written(app_with, model, tmp_path):
    paths = {
        "attention_map": tmp_path / "map.png",
        "sheet": tmp_path / "sheet.png",
    }
    options = {name: str(path) for name, path in paths.items()}
    lines = predict(app_with(**options), model, "test:0")
    for path in paths.values():
        assert f"See {path}" in lines
        with Image.open(path) as image:
            assert min(image.size) > 100


@pytest.mark.parametrize(
    ("options", "words", "message"),
    [
        ({"sheet": "x.gif"}, ["test:0"], "--sheet=x.gif: .* end in .png"),
        ({"sheet": "x.png"}, ["a"] * 121, "120 pictures at most"),
        (
            {"attention_map": "x.png"},
            ["test:0", "test:1"],
            "draws one picture",
        ),
        (
            {"attention_map": "x.png", "attention": "none"},
            ["test:0"],
            "no attention to draw",
        ),
    ],
)
def test_figures_that_cannot_be_drawn_are_refused(
    app_with, model, options, words, message
):
    with pytest.raises(UserError, match=message):
        predict(app_with(**options), model, *words)


def test_a_folder_without_pictures_is_an_error(app_with, tmp_path, capsys):
    with pytest.raises(UserError, match="2 of 2 pictures could not be read"):
        predict(app_with(), None, str(tmp_path), "")
    problems = capsys.readouterr().err.splitlines()
    assert f"{tmp_path} has no pictures: pass a folder" in problems[0]
    assert "The name of a picture is empty: pass a file" in problems[1]
    assert len(problems) == 2


def test_standard_input_is_answered_as_it_comes(app_with):
    reading, writing = os.pipe()
    with open(reading, "rb") as stream:
        chunks = app_with().interface.chunks(StandardInput(stream))
        for word in ("test:0", "test:1"):
            os.write(writing, f"{word}\n".encode())
            assert next(chunks) == [word]
        os.close(writing)
        assert not list(chunks)


def test_files_of_a_folder_that_are_left_out_are_named(tmp_path, capsys):
    names = ["a.tif", "b.jfif", "c.WEBP", "d.JPEG", "._d.JPEG", "e.txt"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    paths = pictures_lib.expand_folder(str(tmp_path))
    assert paths == [f"{tmp_path}/{n}" for n in ("b.jfif", "c.WEBP", "d.JPEG")]
    message = capsys.readouterr().err
    assert message.startswith(
        f"{tmp_path}: left out a.tif, e.txt, folder.png, which have"
    )
    assert message.count("\n") == 1
