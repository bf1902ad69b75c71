"""Questions on the command line, in a chat, and their explanations."""

import dataclasses
import io

import numpy as np
import pytest

from apps.qa.cli import chat
from apps.qa.cli import explanations
from apps.qa.cli import inputs
from apps.qa.cli.interface import QAInterface
from apps.qa.config import QAConfig
from common import files
from common import runner
from common.command_line import flags
from common.errors import UsageError
from common.errors import UserError
from common.training import saved_config


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("A left. B left. Who left?", ("A left.\nB left.", "Who left?")),
        ("Who left", ("", "Who left")),
        ("A left.\nWho left?", ("A left.", "Who left?")),
        ("", ("", "")),
        (
            "Mr. Smith went to the garden. Where is Mr. Smith?",
            ("Mr. Smith went to the garden.", "Where is Mr. Smith?"),
        ),
        (
            "J. R. Lee has 3.5 l. Dr. Wu left at 5 p.m. Where is Dr. Wu?",
            (
                "J. R. Lee has 3.5 l.\nDr. Wu left at 5 p.m.",
                "Where is Dr. Wu?",
            ),
        ),
        ("She said no. Did I? I did!", ("She said no.\nDid I?", "I did!")),
    ],
)
def test_the_last_sentence_is_the_question(word, expected):
    assert inputs.split_question(word) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 Anna left.\nBen left.\n", "line 2 has no number"),
        (b"1 Anna left.\n1 Ben left.\n", "line 2 has the number 1, not 2"),
        (b"1 \xff", "0xff .* is not UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_broken_story_is_an_error_that_names_the_line(
    tmp_path, content, message
):
    path = tmp_path / "story.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        inputs.read_story(str(path))
    assert f"--story={path}" in str(caught.value)
    assert "\n" not in str(caught.value)


def count_sentences(story, question):
    return f"{len(story.splitlines())} {question}"


def converse(monkeypatch, lines):
    """Returns the replies of a chat that has begun with two sentences."""
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    _, *replies = chat.chat(count_sentences, "Clara left.", ["David left."])
    return replies


def test_a_chat_remembers_the_story_until_it_is_reset(monkeypatch):
    lines = "Who left?\nreset\nWho left?\nquit\nWho?\n"
    assert converse(monkeypatch, lines) == [
        "2 Who left?",
        "A new story.",
        "0 Who left?",
    ]


def test_a_chat_knows_questions_without_a_question_mark(monkeypatch):
    lines = "Anna left.\n\nwho left\nAnna is back.\nBen left. Who left?\n"
    assert converse(monkeypatch, lines) == ["3 who left", "5 Who left?"]


def explanation(rows):
    return explanations.Explanation(
        "Where is Anna?",
        [("attic", 0.9), ("cellar", 0.1)],
        ["Anna took the cup.", "The ball."],
        "hop",
        np.full((rows, 2), 0.25),
    )


@pytest.mark.parametrize("rows", [1, 5, 6])
def test_the_table_has_a_line_per_sentence_and_a_column_per_row(rows):
    title, header, *lines = explanations.table(explanation(rows))
    assert title.strip() == "Where is Anna? attic 0.900, cellar 0.100"
    assert header.split()[-1] == str(rows)
    assert [line.count("0.25") for line in lines] == [rows, rows]
    assert lines[1].strip().startswith("The ball.")


def test_the_figure_is_a_png_image():
    file = io.BytesIO()
    empty = explanation(2)._replace(sentences=[], maps=np.zeros((2, 0)))
    explanations.figure([explanation(2), empty]).savefig(file)
    assert file.getvalue().startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def model(trained_app):
    return trained_app.load_model()


@pytest.fixture
def run(trained_app, model, monkeypatch, capsys):
    """Returns a function that answers words with the trained model."""
    monkeypatch.setattr(trained_app, "load_model", lambda: model)

    def call(command, *words, **options):
        changed = dataclasses.replace(trained_app.config, **options)
        monkeypatch.setattr(trained_app, "config", changed)
        monkeypatch.setitem(
            trained_app.__dict__, "interface", QAInterface(trained_app)
        )
        runner.answer(trained_app, command, words)
        return capsys.readouterr().out.splitlines()

    return call


def test_the_story_of_a_file_comes_first(run, tmp_path):
    path = tmp_path / "story.txt"
    path.write_text("1 Anna took the cup.\n2 Who?\tAnna\t1\n")
    (line,) = run("predict", "Where is Ben?", story=str(path))
    assert "Where is Ben?  because: Anna took the cup." in line


def test_predict_names_the_supporting_sentences(run):
    lines = run("predict", "Ben left. Where is Ben?", "Where is Anna?")
    assert lines[0].endswith("Where is Ben?  because: Ben left.")
    assert lines[1].endswith("Where is Anna?")


def test_the_chat_command_answers_about_the_story(run, monkeypatch):
    lines = "Anna took the cup.\nwho holds the cup\nreset\nWho left?\nquit\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    _, first, reset, second = run("chat")
    assert "because: Anna took the cup." in first
    assert reset == "A new story."
    assert "Anna" not in second.split("Who left?")[1]


def test_explanations_are_printed_and_drawn(run, trained_app):
    words = ["Anna took the cup. Who holds it?", "Where is Anna?"]
    lines = run("predict", *words, explain=True)
    assert any(line.startswith("  Anna took the cup.") for line in lines)
    path = trained_app.run_dir / "extra" / "explanations.png"
    assert lines[-1] == f"See {path}"
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_former_name_of_an_option_is_read_and_explained(tmp_path):
    files.write_json(tmp_path / "config.json", {"size": "10k", "chat": False})
    assert saved_config.read(QAConfig, tmp_path).babi_size == "10k"
    with pytest.raises(UsageError, match="--size is now called --babi_size"):
        flags.parse(QAConfig, ["qa", "--size=10k"])


def test_predict_reports_unknown_words(trained_app, model, capsys):
    interface = QAInterface(trained_app)
    known = model.arguments.vocabulary
    list(interface.predict(model, [f"Zoe {known[0]}. {known[1]} Xaver?"]))
    assert capsys.readouterr().err == (
        "2 of 4 words are unknown to this model; it was trained on sample.\n"
    )


def test_a_test_example_is_answered(trained_app, model):
    (x, _), *_ = trained_app.examples("test").take(1).as_numpy_iterator()
    (line,) = QAInterface(trained_app).predict(model, ["test:0"])
    assert x["question"].decode() in line
