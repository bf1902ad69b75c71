"""Classifiers that start from a language model."""

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model import LanguageModel
from apps.sentiment import Sentiment
from apps.sentiment import config as config_lib
from apps.sentiment.model import fine_tuning
from apps.sentiment.model import ngram_evidence
from common.errors import UserError
from common.text.marks import Mark
from tests import eager
from tests.apps.sentiment import test_start

LINES = ["my uncle was cross", "my aunt was Glad", "he was shy and merry"]
MOODS = {"pos": "glad merry", "neg": "cross fuming"}
SIZES = {"units": 3, "embedding_size": 5, "batch_size": 4, "unroll_steps": 4}


def train_language_model(folder, **options):
    (folder / "text.txt").write_text("\n".join(LINES * 20))
    return LanguageModel.train(
        dataset=str(folder / "text.txt"),
        run_dir=str(folder / "language_model"),
        epochs=1,
        **{**SIZES, **options},
    )


def train(folder, start, moods=MOODS, **options):
    return Sentiment.train(
        dataset=test_start.write_moods(folder / "moods.tsv", moods),
        run_dir=str(folder / "run"),
        start_from=str(start.run_dir),
        **{"max_words": 8, "epochs": 1, "batch_size": 32, **options},
    )


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Returns the run of a language model that reads backward."""
    folder = tmp_path_factory.mktemp("start")
    with eager.functions():
        return train_language_model(folder, backward=True, cell="gru")


@pytest.fixture(scope="module")
def run(start, tmp_path_factory):
    """Returns the run of a classifier whose encoder is not trained yet."""
    folder = tmp_path_factory.mktemp("run")
    with eager.functions():
        return train(folder, start, learning_rate=0.0, pooling="mean_max")


@pytest.mark.extended
def test_the_encoder_is_that_of_the_language_model(start, run):
    language_model, model = start.model, run.model
    for name, value in {"cell": "gru", "units": 5, "backward": True}.items():
        assert getattr(run.config, name) == value
        assert getattr(model.arguments, name) == value
    names = language_model.vocabulary.row_names()
    rows = language_model.network.embed.embeddings.numpy()
    of_word = dict(zip(model.tokenize.row_names(), model.embed.embeddings))
    assert "Glad" not in of_word
    for name in {*names} - {"Glad", Mark.END}:
        np.testing.assert_array_equal(of_word[name], rows[names.index(name)])
    assert {"glad", "fuming"} <= {*of_word} - {*names}
    (old,), (new,) = language_model.network.stack, model.read.stack
    for source, target in zip(old.weights, new.weights, strict=True):
        np.testing.assert_array_equal(source, target)


@pytest.mark.extended
def test_a_text_is_read_as_the_language_model_reads_it(start, run):
    text = tf.constant(["my uncle was shy"])
    tokens = start.model.vocabulary(text).to_tensor()
    zeros = start.model.network.zero_states(1)
    expected, _ = start.model.network(tokens, zeros)
    vectors = run.model.vectors(run.model.inputs(text))
    actual = run.model.read(vectors.to_tensor(), mask=tf.fill([1, 4], True))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-6)


@pytest.mark.extended
@pytest.mark.usefixtures("eager")
def test_explanations_are_in_the_order_of_the_text(run):
    words, values = run.model.explain(
        tf.constant("my uncle was cross")
    ).values()
    assert words.numpy().tolist() == [b"my", b"uncle", b"was", b"cross"]
    model = run.model
    inputs = model.inputs(tf.constant(["cross"]))
    alone = model({k: v.to_tensor() for k, v in inputs.items()})
    assert values.shape == (4,) and np.isfinite(alone).all()


def test_the_learning_rate_is_a_slanted_triangle():
    rate = fine_tuning.SlantedTriangle(0.32, 100)
    values = [float(rate(step)) for step in range(0, 101, 5)]
    np.testing.assert_allclose(values[:3], [0.01, 0.165, 0.32], rtol=1e-6)
    np.testing.assert_allclose(np.diff(values[2:]), -0.31 / 18, rtol=1e-4)
    np.testing.assert_allclose(values[-1], 0.01, rtol=1e-6)
    assert rate.from_config(rate.get_config()).steps == 100
    for step in (0, 1):
        shortest = float(fine_tuning.SlantedTriangle(0.32, 1)(step))
        assert 0.0099 < shortest < 0.3201


def test_layers_are_unfrozen_from_the_last_one_down():
    model = test_start.classifier(vocabulary=["good", "bad"], pretrained=True)
    layers = [model.judge, *model.read.stack, model.embed]
    rate, steps = 0.26, 2
    scheduled = fine_tuning.optimizer(layers, rate, steps, epochs=3)
    config = {**scheduled.get_config(), "learning_rate": rate}
    optimizer = fine_tuning.GradualAdam.from_config(config)
    variables = model.trainable_variables
    optimizer.build(variables)
    changed = []
    for _ in range(3 * steps):
        old = [variable.numpy() for variable in variables]
        optimizer.apply([tf.ones_like(v.value) for v in variables], variables)
        by_path = {
            variable.path: np.abs(variable.numpy() - value).max()
            for variable, value in zip(variables, old)
        }
        changed.append(
            [by_path[layer.trainable_variables[0].path] for layer in layers]
        )
    # With equal gradients, the steps of Adam are the learning rate.
    expected = rate / 2.6 ** np.arange(3)
    frozen = np.tril(np.ones((3, 3)))
    np.testing.assert_allclose(
        changed, np.repeat(expected * frozen, steps, 0), rtol=1e-4
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"level": "character"}, "is a language model of characters"),
        (
            {"depth": 2},
            "is a language model with --units=3 and --embedding_size=5",
        ),
    ],
)
def test_an_encoder_that_does_not_fit_is_refused(options, problem):
    config = LanguageModel.Config(run_dir="runs/a", units=3, embedding_size=5)
    values = {"run_dir": "runs/a", "units": 3, "embedding_size": 5, **options}
    with pytest.raises(UserError, match=f"--start_from=runs/a {problem}"):
        config_lib.options_from_language_model(type(config)(**values))


@pytest.mark.extended
def test_the_run_is_resumed_without_the_start(start, tmp_path, capsys):
    train(tmp_path, start, moods={"joy": "glad", "fear": "shy timid"})
    printed = capsys.readouterr().out
    assert "Taken: 4 of 6 variables." in printed
    assert "created: dense/kernel (5, 2), not in the start" in printed
    assert f"Start from {start.run_dir}" in printed
    path = tmp_path / "run" / "model.keras"
    expected = path.read_bytes()
    path.unlink()
    start.run_dir.rename(start.run_dir.with_name("elsewhere"))
    try:
        train(tmp_path, start, moods={"joy": "glad", "fear": "shy timid"})
    finally:
        start.run_dir.with_name("elsewhere").rename(start.run_dir)
    assert path.read_bytes() == expected


def test_backward_is_of_one_direction(tmp_path):
    path = test_start.write_moods(tmp_path / "moods.tsv", MOODS)
    with pytest.raises(UserError, match="pass --nobidirectional"):
        Sentiment.train(
            dataset=path, backward=True, run_dir=str(tmp_path / "run")
        )


def test_the_evidence_of_all_words_joins_the_summary():
    model = test_start.classifier(
        vocabulary=["good", "bad"], pretrained=True, ngram_evidence=True
    )
    table = np.full(model.evidence.table.shape, ngram_evidence.SCALE / 2)
    model.evidence.table.assign(table)
    kernel = np.zeros(model.judge.kernel.shape)
    kernel[-3:, 0] = [1.0, 10.0, 100.0]  # Of uni-, bi- and trigrams.
    model.judge.kernel.assign(kernel)
    logits = model.logits(tf.constant(["good bad good", "good"]))
    np.testing.assert_allclose(logits, [0.5 * 3 * 111, 0.5 * 111])
