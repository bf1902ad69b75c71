"""Fits the model of an app, keeps what is best, and loads it again."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import time
import zipfile

import keras
import tensorflow as tf

from common import config as config_lib
from common import data
from common import epochs
from common import files
from common import loop
from common import plots
from common import step
from common.app import App
from common.app_model import AppModel
from common.errors import UserError
from common.state import State
from common.state import assign
from common.state import best_row

# All that training and evaluation leave in the run's folder, in the order in
# which it is removed: what is there is never without the options it is of.
RUN_FILES = (
    "model.keras",
    "checkpoints",
    "epochs",
    "restarts",
    "metrics.json",
    "history.csv",
    "tensorboard",
    "plots",
    "config.json",
)


def train(app: App) -> AppModel:
    """Fits a new model, or goes on with an unfinished run; keeps the best.

    With `restarts`, so many are fitted, one after the other, and the one that
    is best by `watch` is kept.
    """
    start = time.monotonic()
    config, folder = app.config, app.run_dir
    if not config.fresh:
        _refuse_another_run(app)
        if (folder / "model.keras").exists():
            print(f"{folder} is trained already; --fresh trains anew.")
            return load_model(app)
    tf.config.experimental.enable_op_determinism()
    examples = {name: app.examples(name) for name in ("train", "valid")}
    app.bad_records.report()
    for name, split in examples.items():
        data.refuse_empty(split, f"{name} split of {config.dataset}")
    if config.fresh:
        _remove_run(folder, (*app.run_files, *RUN_FILES))
    files.write_json(folder / "config.json", dataclasses.asdict(config))
    if app.restarts == 1:
        _fit(app, examples, folder, config.seed, start)
    else:
        _fit_all(app, examples, start)
    return load_model(app)


def _fit_all(app, examples, start):
    """Fits from one seed after the other, and keeps the best model."""
    folders = [
        app.run_dir / "restarts" / str(number)
        for number in range(1, app.restarts + 1)
    ]
    results = []
    for number, folder in enumerate(folders):
        if not (folder / "model.keras").exists():
            print(f"Restart {number + 1} of {app.restarts}:")
            _fit(app, examples, folder, app.config.seed + number, start)
        history = files.read_csv(folder / "history.csv")
        results.append(best_row(history, app.watch))
        start = time.monotonic()
    best = best_row(results, app.watch)
    kept = folders[results.index(best)]
    print(f"Kept restart {kept.name} ({app.watch} {best[app.watch]:.4f}).")
    for name in ("history.csv", "plots", "epochs", "model.keras"):
        if (kept / name).exists():
            _copy(kept / name, app.run_dir / name)


def _copy(source, target):
    with files.writable(target):
        shutil.rmtree(target, ignore_errors=True)  # Of a copy cut off.
    with files.written_beside(target) as beside:
        if source.is_dir():
            shutil.copytree(source, beside)
        else:
            shutil.copyfile(source, beside)


def _fit(app, examples, folder, seed, start):
    """Fits a model, or goes on; keeps the best of its epochs in `folder`."""
    minutes = app.config.max_minutes / app.restarts
    config = dataclasses.replace(app.config, seed=seed, max_minutes=minutes)
    keras.utils.clear_session()  # Names count from one, whatever was before.
    keras.utils.set_random_seed(seed)
    model = app.model_class().create(config, examples["train"])
    valid = data.batches(examples["valid"], model, config.batch_size)
    _build(model, valid)
    state = State(model, folder / "checkpoints", start, app.watch)
    state.restore()
    if not state.progress.finished:
        batches, steps = data.training_batches(
            examples["train"],
            model,
            config,
            state.progress.epoch,
            state.progress.step,
        )

        def judge(between):
            if app.watch == "val_loss":
                return {}
            targets, outputs = app.answers(model, examples["valid"], between)
            return app.score(targets, app.measure(targets, outputs))

        loop.Loop(state, config, folder, batches, steps, valid, judge).run()
    _finish(state, folder)


def seconds(folder: pathlib.Path) -> float:
    """Returns what the training of a run took, all its restarts together."""
    parts = sorted(folder.glob("restarts/*/history.csv"))
    histories = map(files.read_csv, parts or [folder / "history.csv"])
    return round(sum(rows[-1]["seconds"] for rows in histories), 1)


def _refuse_another_run(app):
    path = app.run_dir / "config.json"
    if not path.exists():
        return
    others = config_lib.differences(app.config, files.read_json(path))
    if others:
        raise UserError(
            f"{path.parent} holds a run with other options: "
            f"{', '.join(others)}. Choose another --run_dir, or replace the "
            "run with --fresh."
        )


def _remove_run(folder, names):
    """Removes what a run may have left in `folder`, and nothing else."""
    for name in names:
        path = folder / name
        with files.writable(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _build(model, batches):
    """Creates all variables, so that a checkpoint can set them."""
    inputs = next(iter(batches))[0]
    model(inputs)
    model.optimizer.build(model.trainable_variables)
    step.test_step(model, batches.element_spec)
    model.reset_metrics()


def _finish(state, folder):
    """Keeps the best weights, and draws how they were reached."""
    state.keep_best()
    best, history = state.best, state.progress.history
    figure = plots.learning_curves(history, best["epoch"])
    with files.written_beside(folder / "plots" / "learning.png") as beside:
        figure.savefig(beside)
    save_model(state.model, folder / "model.keras")
    print(
        f"Kept epoch {best['epoch']} of {len(history)} ({state.watch} "
        f"{best[state.watch]:.4f}) in {folder / 'model.keras'}."
    )


def save_model(model: keras.Model, path: pathlib.Path) -> None:
    """Writes a model: of the same model, always the same bytes.

    Keras writes the time of day into the archive and its members.
    """
    with files.written_beside(path) as beside:
        model.save(beside)
        with zipfile.ZipFile(beside) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        about = json.loads(members["metadata.json"])
        del about["date_saved"]
        members["metadata.json"] = json.dumps(about).encode()
        with zipfile.ZipFile(beside, "w") as archive:
            for name, content in members.items():
                archive.writestr(zipfile.ZipInfo(name), content)


def load_model(app: App) -> AppModel:
    """Returns the trained model of the run, with its weights averaged.

    Raises:
      UserError: there is none, or its file is broken, or it does not hold as
        many epochs as `average` asks for.
    """
    path = app.run_dir / "model.keras"
    if not path.exists():
        raise UserError(
            f"No model at {path}: run `train` first, or set --run_dir."
        )
    app.model_class()  # So that Keras knows the class by its name.
    try:
        # It answers; nobody trains it on.
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras, h5py and zipfile have many.
        reason = " ".join(str(error).split())
        raise UserError(
            f"{path} cannot be read ({reason}): train anew with --fresh."
        ) from error
    _average(app, model)
    return model


def _average(app, model):
    """Sets a model to the mean of the weights of its last epochs."""
    count = app.config.average
    if count > 1:
        history = files.read_csv(app.run_dir / "history.csv")
        last = int(best_row(history, app.watch)["epoch"])
        arrays = epochs.mean(app.run_dir / "epochs", last, count)
        assign(model.variables, arrays)
