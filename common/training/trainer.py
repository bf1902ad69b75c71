"""Fits the model of an app, and keeps the best epoch."""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import time

import keras
import tensorflow as tf

from common import files
from common.app import App
from common.app_model import AppModel
from common.app_model import VocabularyModel
from common.data import batching
from common.data import fingerprints
from common.errors import UserError
from common.evaluation import plots
from common.training import model_file
from common.training import more_epochs
from common.training import restarts
from common.training import run_start
from common.training import saved_config
from common.training import train_step
from common.training.loop import Loop
from common.training.state import State

# All that training and evaluation leave in the folder of a run, in the order
# in which it is removed: no file is ever there without the options it is of.
RUN_FILES = (
    "model.keras",
    "checkpoints",
    "epochs",
    "restarts",
    "cross_validation",
    "extra",
    "metrics.json",
    "history.csv",
    "tensorboard",
    "plots",
    "data.json",
    more_epochs.FILE,
    run_start.RECORD,
    run_start.MODEL,
    "config.json",
)


def train(app: App) -> AppModel:
    """Fits a new model, or resumes an unfinished run; keeps the best epoch.

    A finished run is continued if `epochs` is more than it was trained with.
    With `restarts`, several models are fitted one after the other from
    different seeds, and the best by the metric that selects the epoch is kept.

    Raises:
      UserError: The data set or the folder cannot be used, or the folder holds
        another run.
      Stopped: A signal asked for it; the run can be resumed.
    """
    start = time.monotonic()
    run_start.adopt_options(app)
    config, folder = app.config, app.run_dir
    continues = False
    if not config.fresh:
        refuse_another_run(app)
        continues = more_epochs.requested(app)
        if (folder / "model.keras").exists() and not continues:
            print(f"{folder} is already trained; --fresh trains a new model.")
            return app.load_model()
    run_start.check(app)
    tf.config.experimental.enable_op_determinism()
    examples = _examples(app)
    if config.fresh:
        remove_run(folder)
    data = {n: fingerprints.fingerprint(s) for n, s in examples.items()}
    fingerprints.require_same(folder, data)
    if continues:
        more_epochs.record(app)
    else:
        _write_config(app)
    fingerprints.record(folder, data)
    run_start.copy(app)
    for number, restart in enumerate(restarts.folders(app)):
        if continues or not (restart / "model.keras").exists():
            if config.restarts > 1:
                print(f"Restart {number + 1} of {config.restarts}:")
            loop = _prepare(app, examples, restart, config.seed + number, start)
            loop.run()
            _finish(loop.state, restart)
        start = time.monotonic()
    if config.restarts > 1:
        restarts.keep_best(app)
    if continues:
        _write_config(app)
    return app.load_model()


def _examples(app):
    """Returns the examples for training and validation, by split."""
    examples = {name: app.examples(name) for name in ("train", "valid")}
    app.bad_records.report()
    for name, split in examples.items():
        source = app.config.source(name)
        batching.refuse_empty(split, f"{name} split of {source}")
    return examples


def _write_config(app):
    files.write_json(
        app.run_dir / "config.json", dataclasses.asdict(app.config)
    )


def _prepare(app, examples, folder, seed, start):
    """Returns the training loop of a new model, or of one to be resumed."""
    minutes = app.config.max_minutes / app.config.restarts
    config = dataclasses.replace(app.config, seed=seed, max_minutes=minutes)
    start_model = run_start.load(app)
    keras.utils.clear_session()  # Layer names count from one.
    keras.utils.set_random_seed(seed)
    # Every example is in one batch of an epoch, and batches are full.
    steps = -(-batching.size(examples["train"]) // config.batch_size)
    model = _create(app, config, examples["train"], steps, start_model)
    model = model.with_decoding(config)
    valid = batching.validation_batches(
        examples["valid"], model, config.batch_size
    )
    test_step = _build(model, valid)
    metric = app.evaluation.epoch_metric
    state = State(model, folder / "checkpoints", start, metric)
    if not state.restore() and start_model:
        run_start.take_weights(app, start_model, model)
    batches, steps = batching.training_batches(
        examples["train"],
        model,
        config,
        state.progress.epoch,
        state.progress.step,
    )

    def answer_metrics(after_batch):
        if not metric.selects_epoch:
            return {}
        evaluation = app.evaluation
        y, outputs = evaluation.predict(model, examples["valid"], after_batch)
        return evaluation.measure(evaluation.per_example(y, outputs))

    return Loop(
        state, config, folder, batches, steps, valid, test_step, answer_metrics
    )


def _create(app, config, train, steps, start_model):
    model_class = app.model_class()
    if start_model and issubclass(model_class, VocabularyModel):
        return model_class.create(config, train, steps, start_model)
    return model_class.create(config, train, steps)


def _build(model, batches):
    """Creates all variables, so that a checkpoint can set them.

    Returns:
      The test step, which is traced for it.
    """
    inputs = next(iter(batches))[0]
    model(inputs)
    model.optimizer.build(model.trainable_variables)
    test_step = train_step.test_step(model, batches.element_spec)
    model.reset_metrics()
    return test_step


def _finish(state, folder):
    """Keeps the weights of the best epoch, and draws the learning curves."""
    state.keep_best()
    best, history = state.best, state.progress.history
    restarts.remove_scores(folder)
    figure = plots.learning_curves(history, best["epoch"])
    plots.save(figure, folder / "plots" / "learning.png")
    model_file.save(state.model, folder / "model.keras")
    name = f"val_{state.metric.name}"
    print(
        f"Kept epoch {best['epoch']} of {len(history)} ({name} "
        f"{best[name]:.4f}) in {folder / 'model.keras'}."
    )


def seconds(folder: pathlib.Path) -> float:
    """Returns the training time of a run, including all restarts."""
    parts = sorted(folder.glob("restarts/*/history.csv"))
    histories = [
        files.read_csv(path, "seconds")
        for path in parts or [folder / "history.csv"]
    ]
    return round(sum(rows[-1]["seconds"] for rows in histories), 1)


def refuse_another_run(app: App) -> None:
    """Checks that the folder of a run holds no run with other options.

    Raises:
      UserError: It does.
    """
    folder = app.run_dir
    if not (folder / "config.json").exists():
        return
    # A finished run may get more epochs; see `more_epochs`.
    besides = ("epochs",) if (folder / "model.keras").exists() else ()
    differences = saved_config.differences(app.config, folder, besides)
    if differences:
        raise UserError(
            f"{folder} holds a run with other options: "
            f"{', '.join(differences)}. Choose another --run_dir, or replace "
            "the run with --fresh."
        )


def remove_run(folder: pathlib.Path) -> None:
    """Removes the files of a run in `folder`, and nothing else."""
    for name in RUN_FILES:
        path = folder / name
        with files.writable(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
