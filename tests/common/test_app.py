"""An app as it is used from Python."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from common.errors import UsageError
from common.errors import UserError
from tests.common import conftest


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    return conftest.Toy.train(
        run_dir=str(folder / "run"),
        saved_models=str(folder / "saved_models"),
        epochs=2,
    )


def test_a_trained_run_is_scored_exported_and_loaded(run):
    report = run.evaluate()
    assert set(report.metrics) == {"closeness", "error"}
    assert (run.run_dir / "metrics.json").exists()
    assert (run.export() / "saved_model.pb").exists()
    loaded = conftest.Toy.load(run.run_dir)
    assert loaded.config.epochs == 2
    assert loaded.predict(["0.5"]) == run.predict(["0.5"])


def test_the_learning_curves_are_a_figure(run):
    figure = run.learning_curves()
    (axes,) = figure.axes
    assert axes.get_title() == "loss"
    assert len(axes.lines[0].get_xdata()) == 2
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_no_lock_is_left(run):
    assert not (run.run_dir / ".lock").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slop": 1.0}, "There is no option 'slop': did you mean 'slope'?"),
        ({"zzz": 1}, "There is no option 'zzz'; see --help."),
        ({"epochs": 0}, "epochs=0 is less than 1."),
        ({"epochs": 2.0}, "epochs=2.0 is not of type int."),
        ({"epochs": True}, "epochs=True is not of type int."),
        ({"seed": 2**31}, "seed=2147483648 is more than 2147483647."),
        ({"slope": float("nan")}, "slope=nan is not finite."),
        ({"split": "all"}, "split='all' is not one of test, valid."),
    ],
)
def test_wrong_options_raise(tmp_path, options, message):
    with pytest.raises(UsageError) as error:
        conftest.Toy.train(run_dir=str(tmp_path / "run"), **options)
    assert str(error.value) == message
    assert not (tmp_path / "run").exists()


def test_loading_without_a_run_raises(tmp_path):
    with pytest.raises(UserError, match="model.keras: run `train` first"):
        conftest.Toy.load(tmp_path)


def test_loading_with_options_of_another_training_raises(run):
    with pytest.raises(UsageError, match="slope=3.0 is an option of training"):
        conftest.Toy.load(run.run_dir, slope=3.0)


class Echo:
    """Returns its inputs."""

    def serve(self, text):
        return {
            "text": text,
            "length": tf.strings.length(text),
            "parts": tf.stack([text, text], 1),
            "scores": tf.ones([len(text), 2]),
        }


class TextInterface(conftest.ToyInterface):
    """Texts in."""

    def parse_inputs(self, words):
        return {"text": tf.constant(words, tf.string)}


@pytest.fixture
def echo():
    """Returns a function that answers with two inputs in a batch."""
    app = conftest.Toy(conftest.ToyConfig(batch_size=2))
    return lambda inputs: TextInterface(app).answer(Echo(), inputs)


def test_answers_are_dicts_of_python_values(echo):
    first, second, third = echo(["é", "bc", "def"])
    assert (first["text"], first["length"]) == ("é", 2)
    assert type(first["length"]) is int
    assert third["parts"].tolist() == ["def", "def"]
    assert second["scores"].dtype == np.float32


def test_missing_inputs_have_no_answer(echo):
    inputs = ["a", None, float("nan"), pd.NA, pd.NaT, "b"]
    answers = echo(inputs)
    assert [answer and answer["text"] for answer in answers] == [
        "a",
        *[None] * 4,
        "b",
    ]
    assert echo([]) == []
    assert echo([None]) == [None]


def test_dicts_are_the_arguments_of_serve(echo):
    assert echo([{"text": "a"}, {"text": None}])[0]["text"] == "a"


def test_a_column_gives_a_table_with_its_index(echo):
    column = pd.Series(["a", None, "bc"], index=[10, 20, 30])
    table = echo(column)
    assert table.index.tolist() == [10, 20, 30]
    assert table["length"].tolist()[::2] == [1, 2]
    assert table.loc[20].isna().all()
    of_frame = echo(column.to_frame("text"))
    pd.testing.assert_frame_equal(of_frame, table)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("one text", "Inputs are str: pass a list, here of one input."),
        (["a", 3], "Input 1 is 3 of type int: pass text, a path or a dict"),
    ],
)
def test_inputs_of_other_types_raise(echo, inputs, message):
    with pytest.raises(UsageError) as error:
        echo(inputs)
    assert str(error.value).startswith(message)
