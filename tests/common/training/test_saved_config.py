"""The options of a run, as later commands read them."""

import dataclasses
import json
import pathlib

import pytest

from common import config
from common.errors import UsageError
from common.errors import UserError
from common.training import saved_config


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(config.Config):
    cell: str = config.option(
        "lstm", "The cell.", group="Model", choices=["lstm", "gru"]
    )
    wide: bool = config.option(
        True, "A wide one.", group="Advanced", former_name="broad"
    )
    sheet: str = config.option(
        "", "A figure.", group="Prediction", affects="nothing"
    )


def read(folder, **values):
    (folder / "config.json").write_text(json.dumps(values))
    return saved_config.read(Options, folder)


def test_reads_options_by_their_former_names(tmp_path):
    options = read(tmp_path, broad=False, epochs=3, average=2, gone=1)
    assert options == Options(
        wide=False, epochs=3, average_epochs=2, run_dir=str(tmp_path)
    )


def test_a_run_does_not_decide_where_later_commands_write(tmp_path):
    options = read(
        tmp_path,
        saved_models="/elsewhere",
        sheet="/home/user/letter.png",
        run_dir="/other",
        fresh=True,
    )
    assert options == Options(run_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", "ten"),
        ("epochs", 2.5),
        ("epochs", True),
        ("epochs", 0),
        ("epochs", None),
        ("epochs", 10**9),
        ("wide", 1),
        ("cell", "tree"),
        ("dataset", ["sample"]),
        ("learning_rate", float("nan")),
        ("learning_rate", {}),
    ],
)
def test_an_impossible_value_is_named(tmp_path, name, value):
    with pytest.raises(UserError, match=f"config.json: {name}=.* is "):
        read(tmp_path, **{name: value})


@pytest.mark.parametrize("content", ["[]", "3", "null", '"text"'])
def test_a_file_without_options_is_named(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(UserError, match="config.json holds no options"):
        saved_config.read(Options, tmp_path)


def test_integers_are_floats_and_their_type_stays(tmp_path):
    rate = read(tmp_path, learning_rate=1).learning_rate
    assert (rate, type(rate)) == (1.0, float)


def test_a_later_command_cannot_change_the_training(tmp_path):
    saved = read(tmp_path, epochs=3, cell="gru")
    given = {"epochs": 3, "average_epochs": 2, "max_minutes": 1.0}
    assert saved_config.with_options(saved, given) == dataclasses.replace(
        saved, **given
    )
    with pytest.raises(UsageError, match="--cell=lstm is an option of train"):
        saved_config.with_options(saved, {"cell": "lstm"})


def test_only_options_that_affect_training_make_a_difference(tmp_path):
    read(tmp_path, epochs=3, average_epochs=1, run_dir="a", max_minutes=1)
    same = Options(epochs=3, run_dir="b", average_epochs=2)
    assert saved_config.differences(same, tmp_path) == []
    (difference,) = saved_config.differences(Options(epochs=4), tmp_path)
    assert difference == "--epochs=4 (the run has 3)"


def test_a_run_of_an_earlier_version_has_the_defaults_of_new_options(tmp_path):
    read(tmp_path, epochs=3)
    assert saved_config.differences(Options(epochs=3), tmp_path) == []
    new = Options(epochs=3, start_from="runs/a")
    (difference,) = saved_config.differences(new, tmp_path)
    assert difference == "--start_from=runs/a (the run has none)"


def test_a_run_that_is_not_there_is_named():
    with pytest.raises(UserError, match="No run found in nowhere"):
        saved_config.read(Options, pathlib.Path("nowhere"))


OWN = {
    "dataset": "a",
    "train_file": "a",
    "test_file": "t",
    "encoding": "cp1252",
}


@pytest.mark.parametrize(
    ("run", "given", "is_other"),
    [
        (OWN, {}, False),
        (OWN, {"dataset": "a", "test_file": "t"}, False),
        (OWN, {"dataset": "b"}, True),
        (OWN, {"test_file": "u"}, True),
        (OWN, {"test_file": "a"}, True),
        (OWN, {"test_file": ""}, False),
        ({}, {"test_file": "u"}, True),
    ],
)
def test_other_test_data_are_recognized(tmp_path, run, given, is_other):
    saved = read(tmp_path, **run)
    assert saved_config.has_other_data(saved, given) == is_other


@pytest.mark.parametrize(
    ("given", "dataset", "test_file"),
    [
        ({"dataset": "b"}, "b", ""),
        # The options of the training, from a file of flags, may be repeated.
        ({"train_file": "a", "dataset": "b", "test_file": "t"}, "b", ""),
        ({"test_file": "u"}, "u", "u"),
        ({"dataset": "a", "test_file": "u"}, "u", "u"),
    ],
)
def test_other_data_have_no_files_of_the_run(
    tmp_path, given, dataset, test_file
):
    saved = read(tmp_path, **OWN, epochs=3)
    other = saved_config.with_other_data(saved, given)
    assert other == Options(
        dataset=dataset,
        test_file=test_file,
        epochs=3,
        run_dir=str(tmp_path),
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"dataset": "b", "test_file": "u"}, "b and --test_file=u name differ"),
        ({"test_file": "u", "split": "valid"}, "u is not the data set of the"),
        ({"test_file": "u", "valid_file": "v"}, "valid_file=v is an option of"),
        ({"test_file": "u", "train_file": "b"}, "train_file=b is an option of"),
    ],
)
def test_options_that_contradict_other_data_raise(tmp_path, given, message):
    saved = read(tmp_path, **OWN)
    with pytest.raises(UsageError, match=message):
        saved_config.with_other_data(saved, given)
