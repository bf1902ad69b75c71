"""The commands of the app, with a model of a small text."""

import itertools
import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model.cli import spelling
from apps.language_model.cli.interface import LanguageModelInterface
from apps.language_model.config import LanguageModelConfig
from apps.language_model.model import vocabulary
from common.errors import UsageError
from common.errors import UserError
from common.training import saved_config
from tests import variants
from tests.apps.language_model.tiny import WORDS
from tests.apps.language_model.tiny import build_model


def test_complete_lists_the_most_probable_words(run):
    first, second = run.answers("complete", "the dogs", "the company")
    assert first.startswith("bark 0.")
    assert second.startswith("said 0.")
    assert len(first.split("  ")) == 5


def test_score_marks_surprising_words(run):
    first, second = run.answers("score", "the dogs said bark zzz", "")
    assert float(first.split()[0]) > 5
    assert "[said 1:" in first
    assert float(second.split()[0]) > 1


def test_correct_corrects_words_by_their_context(run):
    lines = run.answers("correct", "the compnay sad it woud")
    assert lines == ["the company said it would"]


def test_generate_returns_a_page_that_begins_with_the_words(run):
    page = run.answers("generate", "the", "dog")
    assert page[0].startswith("the dog")
    assert 40 < len(" <eos> ".join(page).split()) < 60
    assert run.answers("generate", "the", "dog") == page


def test_predict_prints_one_line_per_text(run, capsys):
    capsys.readouterr()
    assert run.command("predict", "the dogs", "the company") == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["the", "dogs"],
        ["the", "company"],
    ]
    assert captured.err == ""


@pytest.mark.extended
def test_predict_reports_unknown_words(run, capsys):
    capsys.readouterr()
    run.command("predict", "the dogs xyz", "zyx")
    line = "2 of 4 words are unknown to this model; it was trained on "
    assert capsys.readouterr().err.startswith(line)


@pytest.mark.parametrize(
    "command", variants.extended(["predict", "complete", "score"], "score")
)
def test_odd_texts_are_answered_with_one_line_each(run, command, capsys):
    capsys.readouterr()
    texts = "", "xyz zyx", "the dog " * 2000, "a\nb", "\x1b[31mred"
    assert run.command(command, *texts) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 5
    assert "\x1b" not in printed


@pytest.mark.parametrize("command", ["complete", "score", "correct"])
def test_a_command_without_a_text_is_an_error(run, command):
    with pytest.raises(UsageError, match=f"{command} takes at least one text"):
        run.answers(command)


@pytest.mark.extended
def test_evaluate_adds_cache_and_dynamic_evaluation(run, capsys):
    options = "--cache_size=20", "--dynamic", "--plot", "--ngram_order=3"
    capsys.readouterr()
    assert run.command("evaluate", *options) == 0
    lines = capsys.readouterr().out.splitlines()
    report = json.loads((run.folder / "run" / "metrics.json").read_text())
    kinds = {"", "_cache", "_dynamic", "_dynamic_cache"}
    assert {f"perplexity{kind}" for kind in kinds} < set(report["metrics"])
    assert set(report["baselines"]) == {
        *("unigram", "bigram", "3-gram", "Kneser-Ney 3")
    }
    assert (run.folder / "run" / "plots" / "losses.png").stat().st_size
    tuned = report["details"]["tuned"]
    assert set(tuned) == {"dynamic", "cache", "dynamic_cache"}
    flatness = tuned["dynamic_cache"]["flatness"]
    assert any(
        line.startswith(f"Dynamic evaluation with cache: flatness {flatness:g}")
        for line in lines
    )


def test_a_model_of_characters_does_not_correct_words(run):
    letters = build_model(level="character", tokens=["a", "b"])
    with pytest.raises(UserError, match="--level=word"):
        LanguageModelInterface(run.app).correct(letters, ["ab"])


@pytest.mark.slow
def test_a_model_of_characters_is_scored_in_bits(run, capsys):
    options = f"--run_dir={run.folder}/letters", "--level=character"
    small = "--units=4", "--embedding_size=4", "--epochs=1", "--batch_size=4"
    text = f"--dataset={run.folder}/text.txt"
    assert run.command("train", text, *options, *small) == 0
    assert run.command("evaluate", *options) == 0
    report = json.loads((run.folder / "letters/metrics.json").read_text())
    metrics = report["metrics"]
    assert metrics["bits_per_character"] == pytest.approx(
        np.log2(metrics["perplexity"])
    )
    capsys.readouterr()
    assert run.command("predict", *options, "the") == 0
    assert capsys.readouterr().out.startswith("the")


def test_options_of_older_runs_keep_their_values():
    former = {"order": 7, "samples": 20, "decay": 0.5, "level": "character"}
    path = pathlib.Path("config.json")
    assert saved_config.options(LanguageModelConfig, former, path) == {
        "ngram_order": 7,
        "softmax_samples": 20,
        "learning_rate_decay": 0.5,
        "level": "character",
    }


def edits(word):
    """Returns all strings one edit away from a word of a and b."""
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    strings = {a + b[1:] for a, b in halves if b}
    strings |= {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    for letter in "ab":
        strings |= {a + letter + b for a, b in halves}
        strings |= {a + letter + b[1:] for a, b in halves if b}
    return strings


def test_distances_are_numbers_of_edits():
    near = edits("abba")
    far = {e for word in near for e in edits(word)}
    words = [
        "".join(w) for n in range(8) for w in itertools.product("ab", repeat=n)
    ]
    by_word = dict(zip(words, spelling.distances("abba", words).tolist()))
    assert {w for w, d in by_word.items() if d == 0} == {"abba"}
    assert {w for w, d in by_word.items() if d == 1} == near - {"abba"}
    # An edit within an edited part costs more.
    assert {w for w, d in by_word.items() if d == 2} <= far


def test_a_word_is_corrected_where_its_context_expects_another():
    class Network(tf.Module):
        """Predicts "the dog said" again and again."""

        @staticmethod
        def zero_states(rows):
            return [tf.zeros([rows, 1])]

        @staticmethod
        def step(tokens, states):
            expected = tf.gather([2, 2, 3, 8, 8, 8, 8, 8, 1, 1], tokens)
            return 15 * tf.one_hot(expected, 10), states

    class Model:
        vocabulary = vocabulary.Vocabulary(WORDS, "word")
        network = Network()

    assert spelling.correct(Model(), "teh dgo sad") == "the dog said"
    assert spelling.correct(Model(), "xqzwvk dog") == "xqzwvk dog"
    assert spelling.correct(Model(), "") == ""
