"""Runs the commands of an app: train, evaluate, export, predict, or all."""

from __future__ import annotations

import contextlib
import inspect
import os
import pathlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from common import config as config_lib
from common import interface
from common.app import App
from common.command_line import flags
from common.command_line import process
from common.command_line import recipes
from common.data import dataset
from common.errors import UsageError
from common.serving import command as serving_command
from common.serving import options as serving_options
from common.training import run_lock
from common.training import saved_config

# Read when TensorFlow is imported: no start-up messages on the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Read when Keras is imported: the layers run on no other backend.
os.environ["KERAS_BACKEND"] = "tensorflow"

# They take the options of new runs; the others those of a trained one.
TRAINING_COMMANDS = ("all", "train", "cross_validate", "sweep")
SWEEP_HELP = """\
To choose options:

python -m apps.{0} sweep --values="batch_size=32,64;learning_rate=0.001,0.002"
    Trains a run with each combination of these values of options, in
    <run_dir>/trials/, and lists them by their score on the validation split;
    --trials=3 tries three of the combinations. The test split is not read.
"""
SERVE_HELP = """\
To answer other programs:

python -m apps.{0} serve --port=8501
    Serves saved_models/{0}/ with the REST and gRPC interfaces of TensorFlow
    Serving until it is stopped; new versions are picked up. It takes the
    options below "Serving" alone, and needs the extra `serve`.
"""


def run(app_class: type[App], argv: Sequence[str]) -> int:
    """Runs the command of a command line, and returns the exit code."""
    return process.run(app_class.name, lambda: _run(app_class, argv))


def _run(app_class, argv):
    argv = recipes.with_recipes(argv, recipes.folder_of(app_class))
    if argv[1:2] == ["serve"]:
        serve(app_class, argv[1:])
        return
    words, options = flags.parse(app_class.Config, argv)
    if options.pop("help", False):
        print(help_page(app_class))
        return
    command, *words = words or ["all"]
    if command == "serve":
        raise UsageError("Write `serve` before its options.")
    if command not in COMMANDS:
        _require_answer_command(app_class, command, words)
    app = _app(app_class, command, options)
    _import_tensorflow()
    with _exclusive(app, command):
        if command in COMMANDS:
            _refuse_words(words)
            COMMANDS[command](app)
        else:
            answer(app, command, words)


def exit(code: int) -> NoReturn:
    """Ends the process."""
    process.exit(code)


def _require_answer_command(app_class, command, words):
    own = app_class.interface_class().commands
    if command not in own:
        raise UsageError(
            f"Unknown command {command!r}: use "
            f"{', '.join([*COMMANDS, 'serve', *own])}; see --help."
        )
    if command == "predict" and not words:
        raise UsageError("predict takes at least one input, or `-`.")


def _refuse_words(words):
    if words:
        raise UsageError(f"Unexpected argument {words[0]!r}.")


def _exclusive(app, command):
    """Keeps other processes off the run while the command changes it."""
    changes = command in (*TRAINING_COMMANDS, "evaluate")
    return run_lock.held(app.run_dir) if changes else contextlib.nullcontext()


def _import_tensorflow():
    """Imports TensorFlow so that a repeated command gives the same bits."""
    process.import_tensorflow()
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


def help_page(app_class: type[App]) -> str:
    """Returns the page that --help prints."""
    page = sys.modules[app_class.__module__].__doc__
    commands = app_class.interface_class().commands
    own = "\n".join(
        f"  {name}\n      {(inspect.getdoc(function) or name).splitlines()[0]}"
        for name, function in commands.items()
    )
    return (
        f"{page}\n{SWEEP_HELP.format(app_class.name)}\n"
        f"{SERVE_HELP.format(app_class.name)}\n"
        f"Commands that answer inputs:\n{own}\n\n"
        f"{dataset.help_text(app_class.datasets)}\n\n"
        f"{flags.help_text(app_class.Config)}"
        f"{flags.help_text(serving_options.Options)}"
    )


def _app(app_class, command, options):
    """Returns the app: defaults, options of the run, those given now."""
    if command != "sweep" and {"values", "trials"} & set(options):
        raise UsageError(
            f"--values and --trials are of `sweep`, not {command}."
        )
    if command != "export" and {"format", "int8"} & set(options):
        raise UsageError(f"--format and --int8 are of `export`, not {command}.")
    if command in TRAINING_COMMANDS:
        return app_class(config_lib.from_options(app_class.Config, options))
    app = app_class.load(**options)
    if app.trained_on and command != "evaluate":
        saved_config.with_options(app.trained_on, options)  # Raises.
    return app


def serve(app_class: type[App], argv: Sequence[str]) -> None:
    """Answers requests over HTTP and gRPC with the exported SavedModels.

    Args:
      app_class: The app; no run of it is needed.
      argv: The word `serve`, and options of the server.
    """
    words, options = flags.parse(serving_options.Options, argv)
    if options.pop("help", False):
        print(help_page(app_class))
        return
    _refuse_words(words)
    serving_command.run(options, only=app_class.name)


def evaluate(app: App) -> None:
    """Prints the scores of the model and its baselines."""
    print(app.evaluate().table())


def sweep(app: App) -> None:
    """Trains a run with each combination of --values, and compares them."""
    from common.training import sweep as sweep_lib
    from common.training import sweep_options

    values = sweep_options.parse(type(app.config), app.config.values)
    print(sweep_lib.run(app, values).table())


def cross_validate(app: App) -> None:
    """Prints the scores of a model and its baselines for each fold."""
    print(app.fit_folds().table())


def export(app: App) -> pathlib.Path:
    """Writes the model as the next version in the format of --format."""
    path = app.export()
    print(f"Exported {path}.")
    return path


def answer(app: App, command: str, words: Sequence[str]) -> None:
    """Prints the answers to the words; `-` reads standard input."""
    if list(words) == ["-"]:
        if not sys.stdin:
            raise UsageError("Standard input is closed: pass inputs as words.")
        words = interface.StandardInput(sys.stdin.buffer)
    else:
        words = tuple(_valid(word) for word in words)
    answers = app.interface.commands[command]
    for line in answers(app.interface, app.model, words):
        _print(line)


def _print(line):
    if not isinstance(line, interface.StyledLine):
        line = interface.one_line(line)
    print(line, flush=True)


def _valid(word):
    """Replaces what is not UTF-8 by replacement characters."""
    return word.encode(errors="surrogateescape").decode(errors="replace")


def everything(app: App) -> None:
    """Trains, evaluates, exports, and answers the example inputs."""
    app.fit()
    evaluate(app)
    path = export(app)
    import tensorflow as tf

    served = tf.saved_model.load(path).signatures["serving_default"]
    words = _example_inputs(app)
    outputs = served(**app.interface.parse_inputs(words))
    print(f"Answers of {path}:")
    for line in app.interface.format_outputs(words, outputs):
        _print(f"  {line}")


def _example_inputs(app):
    """Returns those of the sample, or examples of another test split."""
    if app.config.dataset == type(app.config).dataset:
        return app.example_inputs
    from common.data import batching

    size = batching.size(app.examples("test"))
    return [f"test:{i}" for i in range(min(size, len(app.example_inputs)))]


COMMANDS = {
    "all": everything,
    "train": App.fit,
    "evaluate": evaluate,
    "export": export,
    "cross_validate": cross_validate,
    "sweep": sweep,
}
