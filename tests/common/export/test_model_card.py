"""The model card shows what a user chose, and runs nothing of it."""

import shlex

import pytest

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
