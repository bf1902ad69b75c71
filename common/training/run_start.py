"""The trained run that another run starts from."""

from __future__ import annotations

import hashlib
import pathlib

import keras

from common import files
from common.app import App
from common.app_model import AppModel
from common.app_model import VocabularyModel
from common.errors import UserError
from common.training import model_file
from common.training import saved_config
from common.training import transfer

# A copy of the model: the run can be resumed when the original is gone.
MODEL, RECORD = "start.keras", "start.json"


def copy(app: App) -> None:
    """Copies the model of --start_from to the folder of the run.

    RECORD is written last. Does nothing if it is there.
    """
    folder, source = app.run_dir, pathlib.Path(app.config.start_from)
    if not app.config.start_from or (folder / RECORD).exists():
        return
    content = (source / "model.keras").read_bytes()
    files.write_bytes(folder / MODEL, content)
    record = {
        "run": app.config.start_from,
        "trained_on": _trained_on(app, source),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    files.write_json(folder / RECORD, record)


def _trained_on(app, source):
    """Returns the data set of a run, and of those that it started from."""
    dataset = saved_config.read(type(app.config), source).dataset
    earlier = read_record(source)
    return f"{dataset}, after {earlier['trained_on']}" if earlier else dataset


def read_record(folder: pathlib.Path) -> dict[str, str]:
    """Returns the start of a run: "run", "trained_on" and "sha256".

    Args:
      folder: Of the run.

    Returns:
      An empty dict if the run has no start.

    Raises:
      UserError: The record is broken.
    """
    path = folder / RECORD
    if not path.exists():
        return {}
    record = files.read_json(path)
    if not files.conforms(record, dict[str, str]) or set(record) != {
        *("run", "trained_on", "sha256")
    }:
        raise UserError(f"{path} is broken: train again with --fresh.")
    return record


def check(app: App) -> None:
    """Checks the start of a run, before any file of the run changes.

    Raises:
      UserError: It is not a trained run of the app, or it is not the one with
        which the run was started.
    """
    if not app.config.start_from:
        return
    source = pathlib.Path(app.config.start_from)
    record = {} if app.config.fresh else read_record(app.run_dir)
    if not record:
        _require_run_of(app, source)
        _trained_on(app, source)
        model_file.read(app, source / "model.keras")
        return
    path = source / "model.keras"
    if path.exists() and _sha256(path) != record["sha256"]:
        raise UserError(
            f"--start_from={source} has changed since the run in {app.run_dir} "
            "was started from it: restore it, train again with --fresh, or "
            "choose another --run_dir."
        )
    path = app.run_dir / MODEL
    if not path.exists() or _sha256(path) != record["sha256"]:
        raise UserError(f"{path} is broken: train again with --fresh.")


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _require_run_of(app, source):
    """Raises a UserError if `source` is not a finished run of the app."""
    option = f"--start_from={source}"
    folder, place = app.run_dir.resolve(), source.resolve()
    if place == folder or (app.config.fresh and folder in place.parents):
        raise UserError(
            f"{option} is in the folder of the run itself: choose another "
            "--run_dir, or more --epochs to continue a finished run."
        )
    for name in ("config.json", "model.keras"):
        if not (source / name).exists():
            raise UserError(
                f"{option} holds no trained run ({name} is missing): pass the "
                "folder of a finished one."
            )
    actual = model_file.class_name(source / "model.keras")
    expected = keras.saving.get_registered_name(app.model_class())
    if actual != expected:
        raise UserError(
            f"{option} is a run of another app (its model is "
            f"{_short(actual)}, not {_short(expected)}): pass a run of "
            f"{app.name}."
        )


def _short(registered_name):
    return registered_name.rpartition(">")[2]


def load(app: App) -> AppModel | None:
    """Returns the model that the run starts from, or None."""
    if not app.config.start_from:
        return None
    return model_file.read(app, app.run_dir / MODEL)


def take_weights(app: App, start: AppModel, model: AppModel) -> None:
    """Copies weights, and prints what was taken and what was created.

    Raises:
      UserError: Nothing fits.
    """
    matches = transfer.copy(start, model, _rows(start), _rows(model))
    if not transfer.fits(matches):
        first = next(match for match in matches if len(match.shape) > 1)
        raise UserError(
            f"Nothing of --start_from={app.config.start_from} fits this model: "
            f"{first.path} is {first.shape}, {first.note}. Choose the options "
            "of that run, which are in its config.json."
        )
    data = read_record(app.run_dir)["trained_on"]
    print(f"Start from {app.config.start_from}, trained on {data}:")
    print("\n".join(transfer.lines(matches)))


def _rows(model):
    return model.named_rows() if isinstance(model, VocabularyModel) else {}
