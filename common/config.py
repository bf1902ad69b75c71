"""Options: a frozen dataclass whose fields are also command-line flags."""

import dataclasses
import math
import os
import textwrap
from collections.abc import Sequence
from typing import Any
from typing import Literal

from absl import flags

from common.errors import UsageError

# The groups of `--help`, in this order.
GROUPS = (
    "Data",
    "Model",
    "Training",
    "Decoding",
    "Evaluation",
    "Prediction",
    "Files",
    "Advanced",
)


MAX_INTEGER = 10**6


def option(
    default: Any,
    help: str,
    *,
    group: str,
    affects: Literal["training", "answers", "nothing"] = "training",
    choices: Sequence[str] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    former_name: str | None = None,
) -> Any:
    """Declares one field of a Config and the help of its flag.

    Args:
      default: bool, int, float or str; its type is the type of the flag.
      help: One sentence.
      group: One of `GROUPS`; where `--help` lists the option.
      affects: "training" if another value trains another model: a run cannot
        be resumed with it. "answers" if it changes what a trained model
        answers: scores are valid for one value only. "nothing" otherwise.
      choices: The strings that are allowed.
      minimum: The lowest number that is allowed.
      maximum: The highest number that is allowed; of integers a million, if
        none is given: sizes become memory.
      former_name: The name that config.json of older runs uses.
    """
    if type(default) is int and maximum is None:
        maximum = MAX_INTEGER
    metadata = {
        "help": help,
        "group": group,
        "affects": affects,
        "choices": choices,
        "bounds": {"lower_bound": minimum, "upper_bound": maximum},
        "former_name": former_name,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    """The options that every app has. An app subclasses it once."""

    dataset: str = option(
        "sample", "Name of a data set, or a file of your own.", group="Data"
    )
    data_dir: str = option(
        "",
        "Folder of the public data set as published, packed or unpacked; if "
        "empty, it is downloaded.",
        group="Data",
        affects="nothing",
    )
    encoding: str = option(
        "",
        "Encoding of a file of your own, such as cp1252; if empty, UTF-8, or "
        "what the file's byte-order mark says.",
        group="Data",
    )
    epochs: int = option(
        10, "Passes over the training examples.", group="Training", minimum=1
    )
    batch_size: int = option(
        64, "Examples per training step.", group="Training", minimum=1
    )
    learning_rate: float = option(
        1e-3, "Learning rate of the optimizer.", group="Training", minimum=0
    )
    patience: int = option(
        5,
        "Early stopping: epochs without improvement before training stops.",
        group="Training",
        minimum=1,
    )
    max_minutes: float = option(
        0.0,
        "Time limit of training in minutes; 0 for none.",
        group="Training",
        affects="nothing",
        minimum=0,
    )
    seed: int = option(
        0,
        "Seed of weights, shuffling and dropout.",
        group="Training",
        minimum=0,
        maximum=2**31 - 1,
    )
    split: str = option(
        "test",
        "With evaluate: the split to score. The validation split is for "
        "choosing options: without baselines, and not kept.",
        group="Evaluation",
        affects="nothing",
        choices=["test", "valid"],
    )
    run_dir: str = option(
        "",
        "Folder of the run; runs/<app> if empty.",
        group="Files",
        affects="nothing",
    )
    saved_models: str = option(
        "saved_models",
        "Folder of the exported SavedModels.",
        group="Files",
        affects="nothing",
    )
    fresh: bool = option(
        False,
        "Replace the run in --run_dir by a new one.",
        group="Files",
        affects="nothing",
    )
    clip_norm: float = option(
        1.0,
        "Gradients are scaled down to this global norm; 0 turns clipping off.",
        group="Advanced",
        minimum=0,
    )
    restarts: int = option(
        1,
        "Models trained one after the other from different seeds; the best "
        "on the validation split is kept.",
        group="Advanced",
        minimum=1,
    )
    average_epochs: int = option(
        1,
        "Checkpoints whose weights are averaged, ending at the best epoch; "
        "evaluation may use fewer than training kept.",
        group="Advanced",
        affects="answers",
        minimum=1,
        former_name="average",
    )
    checkpoint_minutes: float = option(
        2.0,
        "Minutes between two checkpoints.",
        group="Advanced",
        affects="nothing",
        minimum=0,
    )
    skip_bad_batches: int = option(
        0,
        "Consecutive batches with a loss or gradient that is not finite that "
        "are skipped before training stops.",
        group="Advanced",
        affects="nothing",
        minimum=0,
    )
    bad_record_share: float = option(
        0.001,
        "Share of unreadable records that is tolerated; they are skipped and "
        "listed in <run_dir>/bad_records.csv.",
        group="Advanced",
        affects="nothing",
        minimum=0,
        maximum=1,
        former_name="bad_records",
    )


def parse(
    config_class: type[Config], argv: Sequence[str]
) -> tuple[list[str], dict]:
    """Returns the words and the options of a command line.

    Raises:
      UsageError: An option is unknown, or its value is not allowed.
    """
    values = flags.FlagValues()
    fields = dataclasses.fields(config_class)
    for field in fields:
        _define_flag(field, values)
    flags.DEFINE_boolean("help", False, "", flag_values=values)
    try:
        _, *words = values(list(argv))
    except flags.Error as error:
        raise UsageError(_renamed(fields, argv) or error) from error
    names = [field.name for field in fields] + ["help"]
    given = {n: values[n].value for n in names if values[n].present}
    for name, value in given.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"--{name} must be finite, got {value}.")
        if isinstance(value, str) and not _is_utf8(value):
            raise UsageError(f"--{name}={os.fsencode(value)!r} is not UTF-8.")
    return words, given


def _is_utf8(text):
    try:
        text.encode()
    except UnicodeEncodeError:  # A surrogate stands for another byte.
        return False
    return True


def _renamed(fields, argv):
    """Returns the message for a flag that has a new name, or None."""
    used = {word.lstrip("-").partition("=")[0] for word in argv}
    for field in fields:
        if field.metadata["former_name"] in used:
            former = field.metadata["former_name"]
            return f"--{former} is now called --{field.name}."
    return None


def _define_flag(field, values):
    define, limits = {
        bool: (flags.DEFINE_boolean, {}),
        int: (flags.DEFINE_integer, field.metadata["bounds"]),
        float: (flags.DEFINE_float, field.metadata["bounds"]),
        str: (flags.DEFINE_string, {}),
    }[field.type]
    if field.metadata["choices"]:
        define = flags.DEFINE_enum
        limits = {"enum_values": field.metadata["choices"]}
    define(
        field.name,
        field.default,
        help=field.metadata["help"],
        flag_values=values,
        **limits,
    )


def help_text(config_class: type[Config]) -> str:
    """Returns a paragraph for each option, by group."""
    paragraphs = []
    for group in GROUPS:
        fields = [
            field
            for field in dataclasses.fields(config_class)
            if field.metadata["group"] == group
        ]
        if fields:
            paragraphs.append(f"{group}:")
            paragraphs += map(_help_paragraph, fields)
            paragraphs.append("")
    return "\n".join(paragraphs)


def _help_paragraph(field):
    text = field.metadata["help"]
    if field.metadata["choices"]:
        text += f" One of {', '.join(field.metadata['choices'])}."
    head = f"  --{field.name}={field.default}"
    if field.type is bool:
        head = f"  --{field.name}"
        if field.default:
            text += f" On by default; --no{field.name} turns it off."
    return f"{head}\n{textwrap.indent(textwrap.fill(text, 72), ' ' * 6)}"


def answer_options(config: Config) -> dict:
    """Returns the options that change what a trained model answers."""
    return {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if field.metadata["affects"] == "answers"
    }
