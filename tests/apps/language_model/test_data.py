"""The data sets, and the grammar of the sample."""

import pathlib
import re

import pytest

from apps.language_model import LanguageModel
from apps.language_model import data
from apps.language_model.config import LanguageModelConfig
from apps.language_model.data import grammar
from apps.language_model.data import sample
from common import runner
from common.data import dataset
from common.data.records import BadRecords
from common.errors import UserError


def load(name, split="train", folder="", level="word"):
    """Returns the pairs of prefix and line of a split."""
    config = LanguageModelConfig(
        dataset=str(name), data_dir=str(folder), level=level
    )
    bad_records = BadRecords(pathlib.Path("none.csv"), 0.0)
    text = dataset.find(data.DATASETS, config.dataset)(config, bad_records)
    return [
        (x["prefix"].numpy().decode(), y["text"].numpy().decode())
        for x, y in text.examples(split)
    ]


def test_an_own_text_is_split_by_position(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\r\n".join(b"line %d" % i for i in range(100)) + b"\n")
    splits = [load(path, split) for split in ("train", "valid", "test")]
    assert [*map(len, splits)] == [90, 5, 5]
    assert splits[1][0] == ("line", "line 90")
    assert load(path, "test", level="character")[4] == ("lin", "line 99")


def test_published_texts_are_read_as_published(tmp_path):
    (tmp_path / "wiki.valid.tokens").write_text(" \n = Title = \n")
    assert load("wikitext-2", "valid", tmp_path) == [
        ("", " "),
        ("=", " = Title = "),
    ]
    with pytest.raises(UserError, match="No ptb.test.txt in --data_dir="):
        load("ptb", "test", tmp_path)


def test_an_unknown_data_set_is_an_error_that_lists_the_known_ones():
    with pytest.raises(
        UserError, match="sample, ptb, wikitext-2, imdb, MINE.txt"
    ):
        load("treebank")


def test_the_lines_of_a_split_are_read_once(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("a\nb\n" * 10)
    config = LanguageModelConfig(dataset=str(path))
    bad_records = BadRecords(tmp_path / "bad.csv", 0.0)
    text = data.DATASETS["MINE.txt"](config, bad_records)
    first = text.examples("train")
    path.unlink()
    assert text.examples("train") is first
    assert len(text.lines("test")) == 1


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("none.txt", None, "none.txt cannot be read"),
        ("binary.txt", bytes(range(256)) * 40, "is not UTF-8 .* If it is text"),
        ("nul.txt", b"a\x00b\n" * 40, "a NUL byte"),
        ("empty.txt", b"", "empty.txt has 0 lines: at least 20"),
        ("short.txt", b"one line\n", "short.txt has 1 line: at least 20"),
    ],
)
def test_a_file_that_is_not_text_is_a_one_line_error(
    tmp_path, capsys, name, content, problem
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    argv = ["", "train", f"--dataset={path}", f"--run_dir={tmp_path}/run"]
    assert runner.run(LanguageModel, argv) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(problem, error)


def test_the_grammar_knows_which_words_can_follow():
    stack = grammar.START
    for word in ["the", "dog", "that", "the", "men", "near"]:
        options = grammar.next_words(stack)
        assert sum(p for p, _ in options.values()) == pytest.approx(1)
        _, stack = options[word]
    line = "the dog that the men ( red [ ] ) say barks"
    assert -99 < grammar.log_probability(line) < 0
    for wrong in (
        "the dog bark",
        "the dog that the men ( red [ ) ] say barks",
        "the dog that the men says barks",
        "the dog",
    ):
        with pytest.raises(ValueError, match="cannot follow"):
            grammar.log_probability(wrong)


def test_a_sixth_of_the_test_lines_are_training_lines():
    """Short ones, as frequent as in the true distribution."""
    train, test = (
        grammar.lines(sample.LINES[split], split) for split in ("train", "test")
    )
    known = set(train)
    repeated = [line for line in test if line in known]
    assert (len(repeated), len(test)) == (832, 5000)
    assert max(len(line.split()) for line in repeated) < 12


def test_the_sample_is_the_same_every_time():
    lines = grammar.lines(300, "train")
    assert lines == grammar.lines(300, "train")
    assert lines != grammar.lines(300, "test")


def test_only_the_sample_has_a_known_distribution(tmp_path):
    line = "the dog barks"
    for name, text in data.DATASETS.items():
        value = text(LanguageModelConfig(), None).log_probability(line)
        assert (value is None) == (name != "sample")
    assert value is None


def test_the_reviews_of_imdb_are_lines_of_words(tmp_path):
    for split in ("train", "test"):
        for label in ("neg", "pos"):
            folder = tmp_path / "aclImdb" / split / label
            folder.mkdir(parents=True)
            for i in range(10):
                path = folder / f"{i}_5.txt"
                path.write_text(f"It's {split} No.{i}!<br /><br />{label}")
    assert load("imdb", "valid", tmp_path) == [
        ("it's train no", "it's train no . 9 ! neg"),
        ("it's train no", "it's train no . 9 ! pos"),
    ]
    assert len(load("imdb", "train", tmp_path)) == 18
    assert len(load("imdb", "test", tmp_path)) == 20
