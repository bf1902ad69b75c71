"""Fits the model of an app, keeps what is best, and loads it again."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import time

import keras

from common import config as config_lib
from common import data
from common import files
from common import plots
from common.app import App
from common.app import AppModel
from common.checkpoint import Checkpoint
from common.errors import UserError

RUN_FILES = (  # All that training and evaluation leave in the run's folder.
    "config.json",
    "history.csv",
    "metrics.json",
    "model.keras",
    "checkpoints",
    "tensorboard",
    "plots",
)


def train(app: App) -> AppModel:
    """Fits a new model, or goes on with an unfinished run; keeps the best."""
    start = time.monotonic()
    config, folder = app.config, app.run_dir
    if not config.fresh:
        _refuse_another_run(app)
        if (folder / "model.keras").exists():
            print(f"{folder} is trained already; --fresh trains anew.")
            return load_model(app)
    keras.utils.set_random_seed(config.seed)
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
    path = app.run_dir / "model.keras"
    if not path.exists():
        raise UserError(
            f"No model at {path}: run `train` first, or set --run_dir."
        )
    app.model_class()  # So that Keras knows the class by its name.
    try:
        return keras.saving.load_model(path)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path} cannot be read ({error}): train anew with --fresh."
        ) from error
