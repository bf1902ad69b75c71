"""Trains, evaluates, exports and asks an app: what is the same for all apps."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import sys
import time

from common import config as config_lib
from common import files
from common import lock
from common import recipes
from common import signals
from common.app import App
from common.errors import UsageError
from common.errors import UserError

# Read when TensorFlow is imported: nothing of its start-up on the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(app_class: type[App]) -> None:
    """Runs the command that the command line names, and exits."""
    code = run(app_class, sys.argv)
    if code > 128:  # By a signal: to take TensorFlow down costs seconds.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def run(app_class: type[App], argv: list[str]) -> int:
    """Runs the command that `argv` names, and returns the exit code."""
    with signals.handled(app_class.name):
        return _run(app_class, argv)


def _run(app_class, argv):
    try:
        argv = recipes.with_recipes(argv, recipes.folder_of(app_class))
        words, options = config_lib.parse(app_class.Config, argv)
        if options.pop("help", False):
            print(_help(app_class))
            return 0
        name, *words = words or [""]
        commands = COMMANDS | {
            own: getattr(app_class, own) for own in app_class.commands
        }
        if name and name not in commands:
            raise UsageError(
                f"{name!r} is no command: use {', '.join(commands)} or none; "
                "--help tells more."
            )
        app = app_class(_config(app_class, name, options))
        _import_tensorflow()
        with _own_folder(app, name):
            commands.get(name, everything)(app, *words)
    except UserError as error:
        print(f"{app_class.name}: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except BrokenPipeError:  # The reader, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        # None for what print writes to.
        where = f"{error.filename}: " if error.filename else ""
        print(
            f"{app_class.name}: {where}{error.strerror or error}. Name "
            "another place, or mend it.",
            file=sys.stderr,
        )
        return 1
    except signals.Stopped as stopped:
        print(f"{app_class.name}: {stopped}", file=sys.stderr)
        return stopped.code
    return 0


def _own_folder(app, name):
    """Keeps other processes off the run while the command changes it."""
    changes = name in ("", "train", "evaluate")
    return lock.held(app.run_dir) if changes else contextlib.nullcontext()


def _import_tensorflow():
    """Imports it without the lines that it writes before any log level holds.

    They come from C++ and tell, on a machine without a GPU, of errors that are
    none.
    """
    standard_error = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow as tf

        tf.config.list_physical_devices()
    finally:
        os.dup2(standard_error, 2)
        os.close(nowhere)
        os.close(standard_error)


def _help(app_class):
    page = sys.modules[app_class.__module__].__doc__
    return f"{page}\nOptions:\n\n{config_lib.help_text(app_class.Config)}"


def _config(app_class, command, options):
    """Returns the Config: defaults, those of the run, those given now."""
    config = app_class.Config(**options)
    folder = app_class(config).run_dir
    if command in ("", "train") or not (folder / "config.json").exists():
        return config
    saved = config_lib.read(app_class.Config, folder)
    return dataclasses.replace(saved, **options)


def train(app: App, *words: str) -> None:
    """Fits a model, or goes on with an unfinished run."""
    _expect_no_words(words)
    from common import training

    training.train(app)


def _expect_no_words(words):
    if words:
        raise UsageError(f"{words[0]!r} is too much: this command takes none.")


def evaluate(app: App, *words: str) -> None:
    """Scores the model and the baseline on the test examples."""
    _expect_no_words(words)
    from common import comparison
    from common import data
    from common import training

    model = app.ready(training.load_model(app))

    test = app.examples("test")
    app.bad_records.report()
    data.refuse_empty(test, f"test split of {app.config.dataset}")
    start = time.monotonic()
    targets, outputs = app.answers(model, test)
    middle = time.monotonic()
    others = app.baselines(model)
    end = time.monotonic()
    measured = app.measure(targets, outputs)
    others = {name: app.measure(targets, others[name]) for name in others}
    compared = comparison.compare(
        app.score,
        app.headline,
        targets,
        measured,
        others,
        app.config.seed,
        app.groups(targets),
    )
    report = {
        "dataset": app.config.dataset,
        "split": "test",
        "examples": len(targets),
        **compared,
        **app.conclude(targets, measured, others),
        "scoring": app.scoring(),
        "options": config_lib.of_answer(app.config),
        "seconds": {
            "train": training.seconds(app.run_dir),
            "evaluate": round(middle - start, 1),
            "baseline": round(end - middle, 1),
        },
        "parameters": model.count_params(),
        "train_sha256": data.fingerprint(app.examples("train")),
    }
    files.write_json(app.run_dir / "metrics.json", report)
    print(comparison.table(report))


def export(app: App, *words: str) -> pathlib.Path:
    """Publishes the model as the next version of the app's SavedModel."""
    _expect_no_words(words)
    from common import model_card
    from common import publish
    from common import training

    model = app.ready(training.load_model(app))

    extra = {"config.json": files.json_text(dataclasses.asdict(app.config))}
    report, path = None, app.run_dir / "metrics.json"
    if path.exists():
        report = files.read_json(path)
        if report.get("options") != config_lib.of_answer(app.config):
            report = None  # The scores are of other answers.
        else:
            extra["metrics.json"] = files.json_text(report)
    extra["MODEL_CARD.md"] = model_card.write(app, model, report)
    path = publish.publish(
        model, pathlib.Path(app.config.saved_models) / app.name, extra
    )
    print(f"Exported {path}.")
    return path


def predict(app: App, *words: str) -> None:
    """Prints the model's answers to the words; `-` reads standard input."""
    if not words and not app.converses:
        raise UsageError("predict takes at least one input, or `-`.")
    if words == ("-",):
        sys.stdin.reconfigure(errors="surrogateescape", newline="\n")
        words = tuple(line.rstrip("\r\n") for line in sys.stdin)
    words = tuple(_text(word) for word in words)
    from common import training

    model = app.ready(training.load_model(app))
    for line in app.predict(model, words):
        print(line)


def _text(word):
    """Returns a word with replacement characters for what is not UTF-8."""
    return word.encode(errors="surrogateescape").decode(errors="replace")


def everything(app: App) -> None:
    """Trains, evaluates, exports, and asks the SavedModel a few questions."""
    train(app)
    evaluate(app)
    path = export(app)
    import tensorflow as tf

    served = tf.saved_model.load(path).signatures["serving_default"]
    outputs = served(**app.ask(app.questions))
    print(f"Answers of {path}:")
    for line in app.answer(app.questions, outputs):
        print(f"  {line}")


COMMANDS = {
    "train": train,
    "evaluate": evaluate,
    "export": export,
    "predict": predict,
}
