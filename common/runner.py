"""Runs the commands of an app: train, evaluate, export, predict, or all."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import os
import pathlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from common import config as config_lib
from common import errors
from common import files
from common import interface
from common import recipes
from common.app import App
from common.data import dataset
from common.errors import UsageError
from common.evaluation import report as report_lib
from common.images import silent
from common.training import run_lock
from common.training import saved_config
from common.training import signals
from common.training import streams

# Read when TensorFlow is imported: no start-up messages on the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Read when Keras is imported: the layers run on no other backend.
os.environ["KERAS_BACKEND"] = "tensorflow"


def run(app_class: type[App], argv: Sequence[str]) -> int:
    """Runs the command of a command line, and returns the exit code."""
    streams.prepare()
    with signals.handled(app_class.name):
        try:
            _run(app_class, argv)
            streams.flush()
        except signals.Stopped as stopped:
            print(f"{app_class.name}: {stopped}", file=sys.stderr)
            return stopped.code
        except BrokenPipeError:  # The reader, such as `head`, has ended.
            streams.discard_output()
            return 1
        except Exception as error:
            message = errors.message(error)
            if not message:
                raise
            with contextlib.suppress(OSError):
                streams.flush()
            print(f"{app_class.name}: {message}", file=sys.stderr)
            return 2 if isinstance(error, UsageError) else 1
    return 0


def _run(app_class, argv):
    argv = recipes.with_recipes(argv, recipes.folder_of(app_class))
    words, options = config_lib.parse(app_class.Config, argv)
    if options.pop("help", False):
        print(help_page(app_class))
        return
    command, *words = words or ["all"]
    if command not in COMMANDS:
        _require_answer_command(app_class, command)
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
    if code > 128:  # By a signal: a regular exit of TensorFlow takes seconds.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _require_answer_command(app_class, command):
    own = app_class.interface_class().commands
    if command not in own:
        raise UsageError(
            f"Unknown command {command!r}: use {', '.join([*COMMANDS, *own])}; "
            "see --help."
        )


def _refuse_words(words):
    if words:
        raise UsageError(f"Unexpected argument {words[0]!r}.")


def _exclusive(app, command):
    """Keeps other processes off the run while the command changes it."""
    changes = command in ("all", "train", "evaluate")
    return run_lock.held(app.run_dir) if changes else contextlib.nullcontext()


def _import_tensorflow():
    """Imports TensorFlow without the messages of its start-up.

    They come from C++ before any log level holds and list, on a machine
    without a GPU, errors that are none.
    """
    with silent.standard_error():
        import tensorflow as tf

        tf.config.list_physical_devices()
        # A command that is repeated gives the same bits.
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
        f"{page}\nCommands that answer inputs:\n{own}\n\n"
        f"{dataset.help_text(app_class.datasets)}\n\n"
        f"{config_lib.help_text(app_class.Config)}"
    )


def _app(app_class, command, options):
    """Returns the app: defaults, options of the run, those given now."""
    app = app_class(app_class.Config(**options))
    folder = app.run_dir
    if command in ("all", "train") or not (folder / "config.json").exists():
        return app
    saved = saved_config.read(app_class.Config, folder)
    is_other = options.get("dataset", saved.dataset) != saved.dataset
    if command == "evaluate" and is_other:
        return app_class(saved_config.with_other_data(saved, options), saved)
    return app_class(saved_config.with_options(saved, options))


def evaluate(app: App) -> None:
    """Prints the scores of the model and its baselines.

    Those of the run's own test split are also written to metrics.json.
    """
    from common.evaluation import evaluate as evaluate_lib
    from common.training import trainer

    model = app.load_model()
    seconds = trainer.seconds(app.run_dir)
    report = evaluate_lib.evaluate(app, model, seconds)
    if report.split == "test" and not app.trained_on:
        report.write(app.run_dir / "metrics.json")
    print(report.table())


def export(app: App) -> pathlib.Path:
    """Writes the model as the next version of the app's SavedModel."""
    from common.export import model_card
    from common.export import saved_model

    model = app.load_model()
    extra = {"config.json": files.json_text(dataclasses.asdict(app.config))}
    report = report_lib.read(app.run_dir / "metrics.json")
    if report and report.options != config_lib.answer_options(app.config):
        report = None  # The scores are of other answers.
    if report:
        extra["metrics.json"] = files.json_text(report.to_json())
    extra["MODEL_CARD.md"] = model_card.write(app, model, report)
    folder = pathlib.Path(app.config.saved_models) / app.name
    path = saved_model.publish(model, folder, extra)
    print(f"Exported {path}.")
    return path


def answer(app: App, command: str, words: Sequence[str]) -> None:
    """Prints the answers to the words; `-` reads standard input."""
    if command == "predict" and not words:
        raise UsageError("predict takes at least one input, or `-`.")
    if list(words) == ["-"]:
        if not sys.stdin:
            raise UsageError("Standard input is closed: pass inputs as words.")
        words = interface.StandardInput(sys.stdin.buffer)
    else:
        words = tuple(_valid(word) for word in words)
    model = app.load_model()
    for line in app.interface.commands[command](app.interface, model, words):
        _print(line)


def _print(line):
    if not isinstance(line, interface.StyledLine):
        line = interface.one_line(line)
    print(line, flush=True)


def _valid(word):
    """Replaces what is not UTF-8 by replacement characters."""
    return word.encode(errors="surrogateescape").decode(errors="replace")


def train(app: App) -> None:
    """Fits a model, or resumes an unfinished run."""
    from common.training import trainer

    trainer.train(app)


def everything(app: App) -> None:
    """Trains, evaluates, exports, and answers the example inputs."""
    train(app)
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
    "train": train,
    "evaluate": evaluate,
    "export": export,
}
