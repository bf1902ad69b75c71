"""More epochs for a run that is finished."""

from __future__ import annotations

import math
import pathlib

from common import files
from common.app import App
from common.errors import UserError
from common.training import saved_config
from common.training.checkpoints import Checkpoints
from common.training.state import best_row

FILE = "continued.json"


def requested(app: App) -> bool:
    """Returns whether --epochs continues the finished run of an app.

    Raises:
      UserError: The run cannot be continued.
    """
    folder, epochs = app.run_dir, app.config.epochs
    if not (folder / "config.json").exists():
        return False
    trained = saved_config.read(type(app.config), folder).epochs
    if epochs == trained or not (folder / "model.keras").exists():
        return False
    if epochs < trained:
        raise UserError(
            f"The run in {folder} was trained with --epochs={trained}, and "
            f"--epochs={epochs} is less: choose another --run_dir, or replace "
            "the run with --fresh."
        )
    target = targets(folder, trained)[-1]
    if target == trained:
        _require_continuable(app)
    elif target != epochs:
        raise UserError(
            f"The run in {folder} is being continued with --epochs={target}: "
            f"finish that first, before --epochs={epochs}."
        )
    return True


def targets(folder: pathlib.Path, epochs: int) -> list[int]:
    """Returns the values of --epochs with which a run was trained, in order.

    Of a run that is being continued, the last one is not reached yet.

    Args:
      folder: Of the run.
      epochs: The value in its config.json.
    """
    path = folder / FILE
    if not path.exists():
        return [epochs]
    record = files.read_json(path)
    if not files.conforms(record, dict[str, list[int]]) or not record.get(
        "epochs"
    ):
        raise UserError(f"{path} is broken: train again with --fresh.")
    return record["epochs"]


def trained(folder: pathlib.Path, epochs: int) -> list[int]:
    """Returns `targets` up to the value in config.json."""
    values = targets(folder, epochs)
    return values[: values.index(epochs) + 1] if epochs in values else [epochs]


def record(app: App) -> None:
    """Records that the finished run of an app is continued."""
    folder, epochs = app.run_dir, app.config.epochs
    trained = saved_config.read(type(app.config), folder).epochs
    values = targets(folder, trained)
    if values[-1] != epochs:
        files.write_json(folder / FILE, {"epochs": [*values, epochs]})


def _require_continuable(app):
    """Raises a UserError if no model of the run would be trained further."""
    restarts = sorted(app.run_dir.glob("restarts/*/checkpoints"))
    for folder in restarts or [app.run_dir / "checkpoints"]:
        checkpoint = Checkpoints(folder).load()
        if not checkpoint:
            raise UserError(
                f"{folder} holds no checkpoint from which --epochs="
                f"{app.config.epochs} could continue: train another run with "
                f"--start_from={app.run_dir}."
            )
        progress, _ = checkpoint
        if _would_train(app, progress):
            return
    raise UserError(
        f"The run in {app.run_dir} was ended by --patience="
        f"{app.config.patience} or --max_minutes, and would not train more "
        "epochs: raise --max_minutes if that was the reason, or train another "
        f"run with --start_from={app.run_dir}."
    )


def _would_train(app, progress):
    """Returns whether neither early stopping nor the time limit applies."""
    config, history = app.config, progress["history"]
    best = best_row(history, app.evaluation.epoch_metric)
    limit = 60 * config.max_minutes / config.restarts or math.inf
    is_early = history[-1]["epoch"] - best["epoch"] < config.patience
    return is_early and progress["seconds"] <= limit
