"""A classifier that starts from another one."""

import keras
import numpy as np
import pytest

from apps.sentiment import Sentiment
from apps.sentiment.model.arguments import Arguments
from apps.sentiment.model.classifier import Classifier
from common import app_model
from common.errors import UserError
from common.training import transfer

FIRST = {"joy": "glad merry", "anger": "cross fuming", "fear": "afraid shy"}
SECOND = {"anger": "cross livid", "calm": "serene", "fear": "shy timid"}


def write_moods(path, moods):
    """Writes texts whose words give their labels away; returns the path."""
    lines = []
    for i in range(90):
        label = list(moods)[i % len(moods)]
        words = moods[label].split()
        lines.append(f"{label}\tMy uncle {i % 7} was {words[i % len(words)]}\n")
    path.write_text("".join(lines))
    return str(path)


def train(folder, name, moods, **options):
    """Trains a small classifier in a folder."""
    small = {
        "units": 4,
        "embedding_size": 4,
        "max_words": 8,
        "epochs": 1,
        "batch_size": 32,
        "bidirectional": False,
        "cell": "simple_rnn",
    }
    return Sentiment.train(
        dataset=write_moods(folder / f"{name}.tsv", moods),
        run_dir=str(folder / name),
        **{**small, **options},
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Returns the run from which the others start."""
    return train(tmp_path_factory.mktemp("moods"), "first", FIRST)


@pytest.mark.extended
def test_new_words_and_labels_get_new_rows(first, tmp_path, capsys):
    second = train(
        tmp_path,
        "second",
        SECOND,
        start_from=str(first.run_dir),
        learning_rate=0.0,
    )
    old, new = first.model, second.model
    known = old.arguments.vocabulary
    assert new.arguments.vocabulary[: len(known)] == known
    further = new.arguments.vocabulary[len(known) :]
    assert set(further) == {"livid", "serene", "timid"}
    size, rows = 2 + len(known), new.embed.embeddings.numpy()
    np.testing.assert_array_equal(rows[:size], old.embed.embeddings)
    assert len(rows) == size + 3
    assert old.arguments.labels == ["anger", "fear", "joy"]
    assert new.arguments.labels == ["anger", "calm", "fear"]
    np.testing.assert_array_equal(
        np.take(new.judge.kernel, [0, 2], 1), old.judge.kernel[:, :2]
    )
    printed = capsys.readouterr().out
    assert f"embedding/embeddings, {size} of {size + 3} words" in printed
    assert "taken in part: dense/kernel, 2 of 3 labels" in printed


@pytest.mark.extended
def test_a_start_of_other_sizes_is_refused(first, tmp_path):
    with pytest.raises(UserError) as error:
        train(
            tmp_path,
            "second",
            SECOND,
            start_from=str(first.run_dir),
            units=5,
            embedding_size=3,
        )
    message = str(error.value)
    assert f"Nothing of --start_from={first.run_dir} fits this model" in message
    assert "embedding/embeddings is (" in message
    assert "the start has (" in message
    assert "\n" not in message


def classifier(**values):
    """Returns a classifier that is not trained."""
    config = Sentiment.Config(units=4, embedding_size=4)
    arguments = app_model.arguments_from(
        Arguments, config, **{"labels": [], "pretrained": False, **values}
    )
    model = Classifier(arguments)
    model.build(None)
    return model


def matches(start, model):
    """Returns the matches of a transfer by path."""
    matches = transfer.copy(
        start, model, start.named_rows(), model.named_rows()
    )
    return {match.path: match for match in matches}


def test_evidence_comes_from_the_own_training_texts():
    options = {"vocabulary": ["a"], "ngram_evidence": True}
    start, model = classifier(**options), classifier(**options)
    start.evidence.table.assign(keras.ops.ones(start.evidence.table.shape))
    assert all(match.is_taken for match in matches(start, model).values())
    assert not np.any(model.evidence.table)


def test_named_labels_are_not_positive_and_negative():
    start = classifier(vocabulary=["a"])
    model = classifier(vocabulary=["a"], labels=["ham"])
    before = model.judge.kernel.numpy()
    kernel = matches(start, model)["dense/kernel"]
    assert kernel.note == "the start has 0 of 1 labels"
    assert not kernel.is_taken
    np.testing.assert_array_equal(model.judge.kernel, before)
