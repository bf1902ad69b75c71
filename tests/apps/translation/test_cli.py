"""Commands: alternatives, heatmaps, standard input, and exports."""

import io

import pytest
import tensorflow as tf

from apps.translation.cli import heatmap
from common import runner
from common.errors import UserError
from tests.apps.translation import tiny


def lines_of(app, model, *words):
    """Returns the lines that `predict` prints, with a model at hand."""
    return list(app.interface.commands["predict"](app.interface, model, words))


def test_predict_prints_alternatives(app, model):
    words = "The old cook sleeps.", "One."
    lines = lines_of(tiny.changed(app, alternatives=3), model, *words)
    assert len(lines) == 6
    scores = [float(line.split()[0]) for line in lines]
    assert scores[:3] == sorted(scores[:3], reverse=True)


def test_predict_omits_alternatives_that_do_not_exist(app, model):
    lines = lines_of(tiny.changed(app, alternatives=3), model, "")
    assert lines == ["   0.000  "]


def test_standard_input_is_translated_line_by_line(
    app, model, capsys, monkeypatch
):
    monkeypatch.setattr(type(app), "load_model", lambda self: model)
    text = b"A cook.\n\n   \n\xff\xfe\na\0b\n\xe6\xb1\x89\n" + b"Old.\r\n" * 40
    standard_input = io.TextIOWrapper(io.BytesIO(text))
    monkeypatch.setattr("sys.stdin", standard_input)
    runner.answer(app, "predict", ["-"])
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) == 47  # One is after the last line break.
    assert lines[1] == lines[2] == lines[-1] == ""
    assert len(set(lines[6:46])) == 1


def test_predict_reports_unknown_words(app, model, capsys):
    known, _ = next(iter(app.examples("train")))
    sentence = known["text"].numpy().decode()
    lines_of(app, model, sentence, sentence.upper(), "?! \u6f22\u5b57")
    assert capsys.readouterr().err == ""
    lines_of(app, model, "The cook: blorb!", "Zwick the quilp.")
    assert capsys.readouterr().err == (
        "3 of 6 words are unknown to this model; it was trained on sample.\n"
    )


def test_predict_draws_a_heatmap(app, model, tmp_path):
    path = tmp_path / "attention.png"
    drawing = tiny.changed(app, heatmap=str(path))
    lines = lines_of(drawing, model, "The cook.", "My bag.")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert lines[0] == f"See {path}"
    assert len(lines) == 3


def test_a_heatmap_is_labeled_with_the_tokens(model):
    text = tf.constant([source for source, _ in tiny.SHORT])
    outputs = model.signatures()["alternatives"](text, 1)
    figure = heatmap.draw({k: v.numpy() for k, v in outputs.items()})
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert "".join(labels) == f" {text[0].numpy().decode()}end"


@pytest.mark.parametrize(
    ("options", "words", "problem"),
    [
        ({"heatmap": "a.jpg"}, ["One."], r"--heatmap=a\.jpg.*\.png"),
        ({"heatmap": "a.png"}, ["One."] * 9, "1 to 8 sentences, got 9"),
        ({"heatmap": "a.png", "attention": "none"}, ["One."], "no attention"),
    ],
)
def test_a_heatmap_that_cannot_be_drawn_is_refused(
    app, model, options, words, problem
):
    with pytest.raises(UserError, match=problem):
        lines_of(tiny.changed(app, **options), model, *words)
