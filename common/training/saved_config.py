"""The options of a run, as its config.json holds them."""

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

from common import config as config_lib
from common import files
from common.config import Config
from common.errors import UsageError
from common.errors import UserError

# Where a later command writes is not decided by the run, which may come from
# somebody else.
OF_COMMAND = ("Files", "Prediction")
# They describe the data set, and have their defaults for another one.
OF_DATASET = ("data_dir", "encoding", "columns", "pair")


def read(config_class: type[Config], folder: pathlib.Path) -> Config:
    """Returns the options with which the run in `folder` was trained.

    Those that say where files are written have their defaults.

    Raises:
      UserError: There is no run, or an option has an impossible value.
    """
    path = folder / "config.json"
    if not path.exists():
        raise UserError(f"No run found in {folder}; pass --run_dir.")
    saved = options(config_class, files.read_json(path), path)
    of_run = {
        field.name: saved[field.name]
        for field in dataclasses.fields(config_class)
        if field.name in saved and field.metadata["group"] not in OF_COMMAND
    }
    return config_class(**{**of_run, "run_dir": str(folder)})


def options(
    config_class: type[Config], values: Any, path: pathlib.Path
) -> dict[str, Any]:
    """Returns the known options of a config.json under their present names.

    Args:
      config_class: Declares the options.
      values: What the file holds.
      path: The file, for messages.

    Raises:
      UserError: An option has an impossible value.
    """
    if not isinstance(values, dict):
        raise UserError(f"{path} holds no options: train again with --fresh.")
    known = {}
    for field in dataclasses.fields(config_class):
        for name in (field.name, field.metadata["former_name"]):
            if name in values:
                known[field.name] = _checked(field, values[name], path)
                break
    return known


def _checked(field, value, path):
    problem = config_lib.problem_of(field, value)
    if problem:
        raise UserError(
            f"{path}: {field.name}={value!r} {problem}: correct it, or train "
            "again with --fresh."
        )
    return field.type(value)


def with_options(saved: Config, given: dict[str, Any]) -> Config:
    """Returns the options of a run, and those of a command that answers.

    Args:
      saved: See `read`.
      given: Options of the command line.

    Raises:
      UsageError: An option would need another training.
    """
    for field in dataclasses.fields(saved):
        value = getattr(saved, field.name)
        if (
            field.metadata["affects"] == "training"
            and given.get(field.name, value) != value
        ):
            raise UsageError(
                f"--{field.name}={given[field.name]} is an option of training, "
                f"and the run in {saved.run_dir} has {value!r}: leave it out, "
                "or train another run."
            )
    return dataclasses.replace(saved, **given)


def has_other_data(saved: Config, given: dict[str, Any]) -> bool:
    """Returns whether options name other test data than those of a run.

    Args:
      saved: See `read`.
      given: Options of the command line.
    """
    dataset = given.get("dataset", saved.dataset)
    return dataset != saved.dataset or bool(_other_file(saved, given))


def _other_file(saved, given):
    """Returns the --test_file of other data, or ""."""
    file = given.get("test_file", "")
    return "" if file == saved.test_file else file


def with_other_data(saved: Config, given: dict[str, Any]) -> Config:
    """Returns the options that evaluate a run on other data.

    These are the test split of --dataset, or all of --test_file.

    Args:
      saved: See `read`.
      given: Options of the command line; see `has_other_data`.

    Raises:
      UsageError: An option would need another training or another split, or
        two options name the data.
    """
    file = _other_file(saved, given)
    dataset = given.get("dataset", saved.dataset)
    if file and dataset != saved.dataset:
        raise UsageError(
            f"--dataset={dataset} and --test_file={file} name different test "
            "data: leave one of them out."
        )
    other = file or dataset
    if given.get("split", "test") != "test":
        raise UsageError(
            f"{other} is not the data set of the run in {saved.run_dir}: its "
            "--split=test alone can be scored."
        )
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(saved)
        if field.name in OF_DATASET
    }
    of_data = {n: given.get(n, value) for n, value in defaults.items()}
    names = {"dataset", "test_file", *of_data}
    remaining = {n: v for n, v in given.items() if n not in names}
    return dataclasses.replace(
        with_options(saved, remaining),
        **of_data,
        dataset=other,
        train_file="",
        valid_file="",
        test_file=file,
    )


def differences(
    config: Config, folder: pathlib.Path, besides: Sequence[str] = ()
) -> list[str]:
    """Lists the options by which `config` would train another model.

    A run of an earlier version, which lacks an option, has its default.

    Args:
      config: The options of this command.
      folder: Of the run.
      besides: Names of options that may differ.
    """
    saved = read(type(config), folder)
    names = [
        field.name
        for field in dataclasses.fields(config)
        if field.metadata["affects"] == "training"
    ]
    pairs = {n: (getattr(config, n), getattr(saved, n)) for n in names}
    return [
        f"--{n}={value} (the run has {'none' if earlier == '' else earlier})"
        for n, (value, earlier) in pairs.items()
        if n not in besides and value != earlier
    ]
