"""Options: a frozen dataclass whose fields are also command-line flags."""

import dataclasses
import difflib
import math
from collections.abc import Sequence
from typing import Any
from typing import Literal

from common.errors import UsageError

# The groups of `--help`, in this order.
GROUPS = (
    "Data",
    "Model",
    "Training",
    "Decoding",
    "Evaluation",
    "Prediction",
    "Serving",
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
    train_file: str = option(
        "", "Training file of your own; the same as --dataset.", group="Data"
    )
    valid_file: str = option(
        "",
        "Validation file of your own; if empty, the rows with that split, or "
        "a tenth of the training file.",
        group="Data",
    )
    test_file: str = option(
        "",
        "Test file of your own; if empty, the rows with that split, or a tenth "
        "of the training file.",
        group="Data",
    )
    encoding: str = option(
        "",
        "Encoding of a file of your own, such as cp1252; if empty, UTF-8, or "
        "what the file's byte-order mark says.",
        group="Data",
    )
    start_from: str = option(
        "",
        "Folder of a trained run of this app whose weights and vocabulary the "
        "new run starts from; if empty, it starts from scratch.",
        group="Training",
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
    values: str = option(
        "",
        "With sweep: options of training and their values, such as "
        "units=64,128;dropout=0.1,0.3; a run is trained with each combination.",
        group="Training",
        affects="nothing",
    )
    trials: int = option(
        0,
        "With sweep: number of combinations to try, drawn with --seed; 0 for "
        "all.",
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
    folds: int = option(
        5,
        "With cross_validate: number of parts that are left out in turn.",
        group="Evaluation",
        affects="nothing",
        minimum=2,
        maximum=100,
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
    format: str = option(
        "saved_model",
        "With export: a SavedModel, or the networks for LiteRT or ONNX Runtime "
        "(the extras litert and onnx).",
        group="Files",
        affects="nothing",
        choices=["saved_model", "litert", "onnx"],
    )
    int8: bool = option(
        False,
        "With export to LiteRT or ONNX: 8-bit weights; the score is in the "
        "model card, next to that of the model.",
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

    def __post_init__(self):
        """Makes the training file the data set, which many parts read.

        Raises:
          UsageError: Both are given, and differ.
        """
        if not self.train_file:
            return
        if self.dataset not in (type(self).dataset, self.train_file):
            raise UsageError(
                f"--dataset={self.dataset} and --train_file={self.train_file} "
                "name different training files: leave one of them out."
            )
        object.__setattr__(self, "dataset", self.train_file)

    def source(self, split: str) -> str:
        """Returns the data set or the file that a split comes from."""
        files = {"valid": self.valid_file, "test": self.test_file}
        return files.get(split) or self.dataset


def from_options(config_class: type[Config], options: dict) -> Config:
    """Returns the options of an app: those given, and defaults.

    Raises:
      UsageError: An option does not exist, or its value is not allowed.
    """
    require_valid(config_class, options)
    return config_class(**options)


def require_valid(config_class: type[Config], options: dict) -> None:
    """Raises a UsageError for an unknown option, or a value not allowed."""
    fields = {field.name: field for field in dataclasses.fields(config_class)}
    for name, value in options.items():
        if name not in fields:
            close = difflib.get_close_matches(name, fields, 1)
            hint = f": did you mean {close[0]!r}?" if close else "; see --help."
            raise UsageError(f"There is no option {name!r}{hint}")
        problem = problem_of(fields[name], value)
        if problem:
            raise UsageError(f"{name}={value!r} {problem}.")


def problem_of(field: dataclasses.Field, value: Any) -> str | None:
    """Returns why an option cannot have a value, or None.

    An integer is also a float, but not a bool.
    """
    kind: Any = field.type
    kinds = (int, float) if kind is float else kind
    if not isinstance(value, kinds) or (
        isinstance(value, bool) != (kind is bool)
    ):
        return f"is not of type {kind.__name__}"
    if isinstance(value, float) and not math.isfinite(value):
        return "is not finite"
    choices, bounds = field.metadata["choices"], field.metadata["bounds"]
    if choices and value not in choices:
        return f"is not one of {', '.join(choices)}"
    lower, upper = bounds["lower_bound"], bounds["upper_bound"]
    if lower is not None and not value >= lower:
        return f"is less than {lower}"
    if upper is not None and not value <= upper:
        return f"is more than {upper}"
    return None


def answer_options(config: Config) -> dict:
    """Returns the options that change what a trained model answers."""
    return {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if field.metadata["affects"] == "answers"
    }
