"""The model card shows what a user chose, and runs nothing of it."""

import shlex

import numpy as np
import pytest

from common import files
from common.export import model_card
from tests.common import conftest


def command(**options):
    return model_card.command(conftest.Toy(conftest.ToyConfig(**options)))


def test_the_command_is_quoted_for_a_shell():
    name = "my data; rm -rf $(HOME) `id` 'x'.tsv"
    text = command(dataset=name, epochs=3, slope=1.5)
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "apps.toy", "train"]
    assert sorted(words[4:]) == [
        *(f"--dataset={name}", "--epochs=3", "--slope=1.5"),
    ]


def test_the_command_is_one_line():
    assert "\n" not in command(dataset="a\n## Limitations\nnone.tsv")


def card(folder, **options):
    """Returns the card of a run in a folder."""
    app = conftest.Toy(conftest.ToyConfig(run_dir=str(folder), **options))
    model = conftest.Line()
    model(np.zeros(1, "f4"))
    return model_card.write(app, model, None)


def test_a_start_is_named_with_its_data_and_its_fingerprint(tmp_path):
    record = {"run": "runs/a`", "trained_on": "imdb", "sha256": "0" * 64}
    assert "- start:" not in card(tmp_path)
    files.write_json(tmp_path / "start.json", record)
    expected = (
        "- start: the run `` runs/a` ``, trained on `imdb`; SHA-256 of its "
        f"model: `{'0' * 64}`\n"
    )
    text = card(tmp_path, start_from="runs/a`")
    assert expected in text
    assert "python -m apps.toy train '--start_from=runs/a`'" in text
    assert "come from a run on `imdb`; its license holds, too.\n" in text


@pytest.mark.parametrize(
    ("recorded", "epochs", "expected"),
    [
        ([8, 12], 12, "- epochs: 8, then 12; a finished run was continued"),
        ([8, 12, 20], 20, "- epochs: 8, then 12, then 20;"),
        # It is being continued: the model is still the one of 8 epochs.
        ([8, 12], 8, None),
        (None, 8, None),
    ],
)
def test_a_continued_run_says_so(tmp_path, recorded, epochs, expected):
    if recorded:
        files.write_json(tmp_path / "continued.json", {"epochs": recorded})
    text = card(tmp_path, epochs=epochs)
    assert (expected in text) if expected else ("- epochs:" not in text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mine.tsv", "`mine.tsv`"),
        ("[a](http://evil) <b>", "`[a](http://evil) <b>`"),
        ("a`b``c", "``` a`b``c ```"),
        ("a\n# b", "`a # b`"),
    ],
)
def test_names_are_code_in_markdown(text, code):
    assert model_card._code(text) == code


def test_the_command_names_the_training_file_once():
    words = command(train_file="a.csv", test_file="b.csv").split()
    assert words[4:] == ["--train_file=a.csv", "--test_file=b.csv"]
