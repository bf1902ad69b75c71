"""The commands of the app, with a model of a small text."""

import itertools
import json

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model.cli import spelling
from apps.language_model.config import LanguageModelConfig
from apps.language_model.model import vocabulary
from common import config as config_lib
from tests.apps.language_model.tiny import WORDS


def lines_of(run, capsys, *words):
    """Returns the printed lines of a command that succeeds."""
    capsys.readouterr()
    assert run.command(*words) == 0
    return capsys.readouterr().out.splitlines()


def test_complete_lists_the_most_probable_words(run, capsys):
    first, second = lines_of(run, capsys, "complete", "the dogs", "the company")
    assert first.startswith("bark 0.")
    assert second.startswith("said 0.")
    assert len(first.split("  ")) == 5


def test_score_marks_surprising_words(run, capsys):
    first, second = lines_of(run, capsys, "score", "the dogs said bark zzz", "")
    assert float(first.split()[0]) > 5
    assert "[said 1:" in first
    assert float(second.split()[0]) > 1


def test_correct_corrects_words_by_their_context(run, capsys):
    lines = lines_of(run, capsys, "correct", "the compnay sad it woud")
    assert lines == ["the company said it would"]


def test_generate_prints_a_page_from_the_prefix(run, capsys):
    words = "generate", "--page_length=50", "the"
    lines = lines_of(run, capsys, *words)
    assert lines[0].startswith("the ")
    assert 40 < len(" <eos> ".join(lines).split()) < 60
    assert lines_of(run, capsys, *words) == lines


def test_predict_prints_one_line_per_text(run, capsys):
    lines = lines_of(run, capsys, "predict", "the dogs", "the company")
    assert [line.split()[:2] for line in lines] == [
        ["the", "dogs"],
        ["the", "company"],
    ]


@pytest.mark.parametrize("command", ["predict", "complete", "score"])
def test_odd_texts_are_answered_with_one_line_each(run, capsys, command):
    texts = "", "xyz zyx", "the dog " * 12_500
    assert len(lines_of(run, capsys, command, *texts)) == 3


@pytest.mark.parametrize("command", ["complete", "score", "correct"])
def test_a_command_without_a_text_is_a_wrong_command_line(run, capsys, command):
    capsys.readouterr()
    assert run.command(command) == 2
    assert "takes at least one text" in capsys.readouterr().err


def test_evaluate_adds_cache_and_dynamic_evaluation(run, capsys):
    options = "--cache_size=20", "--dynamic", "--plot", "--ngram_order=3"
    lines = lines_of(run, capsys, "evaluate", *options)
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
    assert run.command("correct", *options, "teh") == 1
    assert "--level=word" in capsys.readouterr().err


def test_options_of_older_runs_keep_their_values():
    former = {"order": 7, "samples": 20, "decay": 0.5, "level": "character"}
    assert config_lib.saved_options(LanguageModelConfig, former) == {
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
