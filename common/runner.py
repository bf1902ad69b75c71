"""Trains, evaluates, exports and asks an app: what is the same for all apps."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import sys
import time

from common import config as config_lib
from common import files
from common.app import App
from common.app import AppModel
from common.errors import UsageError
from common.errors import UserError

# Read when TensorFlow is imported: nothing of its start-up on the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RUN_FILES = (  # All that training and evaluation leave in the run's folder.
    "config.json",
    "history.csv",
    "metrics.json",
    "model.keras",
    "checkpoints",
    "tensorboard",
    "plots",
)


def main(app_class: type[App]) -> None:
    """Runs the command that the command line names, and exits."""
    sys.exit(run(app_class, sys.argv))


def run(app_class: type[App], argv: list[str]) -> int:
    """Runs the command that `argv` names, and returns the exit code."""
    try:
        words, options = config_lib.parse(app_class.Config, argv)
        if options.pop("help", False):
            print(_help(app_class))
            return 0
        name, *words = words or [""]
        if name and name not in COMMANDS:
            raise UsageError(
                f"{name!r} is no command: use {', '.join(COMMANDS)} or none; "
                "--help tells more."
            )
        app = app_class(_config(app_class, name, options))
        COMMANDS.get(name, everything)(app, *words)
    except UserError as error:
        print(f"{app_class.name}: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        if not error.filename:
            raise
        print(
            f"{app_class.name}: {error.filename}: {error.strerror}. Name "
            "another place, or mend it.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(
            f"{app_class.name}: stopped. The same command goes on from the "
            "last complete epoch.",
            file=sys.stderr,
        )
        return 130
    return 0


def _help(app_class):
    page = sys.modules[app_class.__module__].__doc__
    return f"{page}\nOptions:\n\n{config_lib.help_text(app_class.Config)}"


def _config(app_class, command, options):
    """Returns the Config: defaults, those of the run, those given now."""
    config = app_class.Config(**options)
    path = run_dir(app_class(config)) / "config.json"
    if command in ("", "train") or not path.exists():
        return config
    names = {field.name for field in dataclasses.fields(config)}
    saved = {k: v for k, v in files.read_json(path).items() if k in names}
    return dataclasses.replace(config, **{**saved, **options})


def run_dir(app: App) -> pathlib.Path:
    """Returns the folder in which the files of the run lie."""
    return pathlib.Path(app.config.run_dir or f"runs/{app.name}")


def train(app: App, *words: str) -> AppModel:
    """Fits a new model, or goes on with an unfinished run; keeps the best."""
    _expect_no_words(words)
    start = time.monotonic()
    config, folder = app.config, run_dir(app)
    if not config.fresh:
        _refuse_another_run(app)
        if (folder / "model.keras").exists():
            print(f"{folder} is trained already; --fresh trains anew.")
            return load_model(app)
    import keras

    from common import data
    from common.checkpoint import Checkpoint

    # Never 0: beside it, tf.data takes no tensor as the seed of an epoch.
    keras.utils.set_random_seed(config.seed + 1)
    examples = {name: app.examples(name) for name in ("train", "valid")}
    for name, split in examples.items():
        data.refuse_empty(split, f"{name} split of {config.dataset}")
    model = app.model_class().create(config, examples["train"])
    valid = data.batches(examples["valid"], model, config.batch_size)
    _build(model, valid)
    if config.fresh:
        _remove_run(folder)
    files.write_json(folder / "config.json", dataclasses.asdict(config))
    checkpoint = Checkpoint(folder, config.patience, config.max_minutes, start)
    done = checkpoint.restore(model)
    if not checkpoint.finished:
        batches, steps = data.training_batches(
            examples["train"], model, config, first_epoch=done
        )
        model.fit(
            batches,
            steps_per_epoch=steps,
            initial_epoch=done,
            epochs=config.epochs,
            validation_data=valid,
            callbacks=[
                checkpoint,
                keras.callbacks.TensorBoard(
                    folder / "tensorboard", write_graph=False
                ),
            ],
            shuffle=False,  # The batches are shuffled already.
            verbose=1 if sys.stdout.isatty() else 2,
        )
    _finish(checkpoint, model)
    return model


def _expect_no_words(words):
    if words:
        raise UsageError(f"{words[0]!r} is too much: this command takes none.")


def _refuse_another_run(app):
    path = run_dir(app) / "config.json"
    if not path.exists():
        return
    others = config_lib.differences(app.config, files.read_json(path))
    if others:
        raise UserError(
            f"{path.parent} holds a run with other options: "
            f"{', '.join(others)}. Choose another --run_dir, or replace the "
            "run with --fresh."
        )


def _remove_run(folder):
    """Removes what a run may have left in `folder`, and nothing else."""
    for name in RUN_FILES:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _build(model, batches):
    """Creates all variables, so that a checkpoint can set them."""
    inputs = next(iter(batches))[0]
    model(inputs)
    model.optimizer.build(model.trainable_variables)


def _finish(checkpoint, model):
    """Keeps the best weights, and draws how they were reached."""
    from common import plots

    checkpoint.keep_best(model)
    folder, best = checkpoint.folder, checkpoint.best
    figure = plots.learning_curves(checkpoint.history)
    with files.written_beside(folder / "plots" / "learning.png") as beside:
        figure.savefig(beside)
    with files.written_beside(folder / "model.keras") as beside:
        model.save(beside)
    print(
        f"Kept epoch {best['epoch']:.0f} of {len(checkpoint.history)} "
        f"(val_loss {best['val_loss']:.4f}) in {folder / 'model.keras'}."
    )


def load_model(app: App) -> AppModel:
    """Returns the trained model of the run.

    Raises:
      UserError: there is none, or its file is broken.
    """
    path = run_dir(app) / "model.keras"
    if not path.exists():
        raise UserError(
            f"No model at {path}: run `train` first, or set --run_dir."
        )
    import keras

    app.model_class()  # So that Keras knows the class by its name.
    try:
        return keras.saving.load_model(path)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path} cannot be read ({error}): train anew with --fresh."
        ) from error


def evaluate(app: App, *words: str) -> None:
    """Scores the model and the baseline on the test examples."""
    _expect_no_words(words)
    model = load_model(app)
    from common import data
    from common import metrics

    test = app.examples("test")
    data.refuse_empty(test, f"test split of {app.config.dataset}")
    start = time.monotonic()
    targets, outputs = data.answers(model, test, app.config.batch_size)
    middle = time.monotonic()
    name, others = app.baseline()
    end = time.monotonic()
    history = files.read_csv(run_dir(app) / "history.csv")
    compared = metrics.compare(
        app.score, app.headline, targets, outputs, others, app.config.seed
    )
    compared["baseline"] = {"name": name, "metrics": compared["baseline"]}
    report = {
        "dataset": app.config.dataset,
        "split": "test",
        "examples": len(targets),
        **compared,
        "seconds": {
            "train": history[-1]["seconds"],
            "evaluate": round(middle - start, 1),
            "baseline": round(end - middle, 1),
        },
        "parameters": model.count_params(),
        "train_sha256": data.fingerprint(app.examples("train")),
    }
    files.write_json(run_dir(app) / "metrics.json", report)
    print(metrics.table(report))


def export(app: App, *words: str) -> pathlib.Path:
    """Publishes the model as the next version of the app's SavedModel."""
    _expect_no_words(words)
    model = load_model(app)
    from common import model_card
    from common import publish

    folder = run_dir(app)
    extra = {"config.json": (folder / "config.json").read_text("utf-8")}
    report = None
    if (folder / "metrics.json").exists():
        report = files.read_json(folder / "metrics.json")
        extra["metrics.json"] = (folder / "metrics.json").read_text("utf-8")
    extra["MODEL_CARD.md"] = model_card.write(app, model, report)
    path = publish.publish(
        model, pathlib.Path(app.config.saved_models) / app.name, extra
    )
    print(f"Exported {path}.")
    return path


def predict(app: App, *words: str) -> None:
    """Prints the model's answers to the words; `-` reads standard input."""
    if not words:
        raise UsageError("predict takes at least one input, or `-`.")
    if words == ("-",):
        words = tuple(line.rstrip("\n") for line in sys.stdin)
    for line in app.predict(load_model(app), words):
        print(line)


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
