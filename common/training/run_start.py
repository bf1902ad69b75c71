"""The trained run that another run starts from."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib

import keras

from common import files
from common.app import App
from common.app import TransferApp
from common.app_model import AppModel
from common.app_model import VocabularyModel
from common.errors import UserError
from common.training import model_file
from common.training import saved_config
from common.training import transfer

# A copy of the model: the run can be resumed when the original is gone.
MODEL, RECORD = "start.keras", "start.json"


def adopt_options(app: App) -> None:
    """Sets the options that a run takes from a run of another app.

    Raises:
      UserError: `--start_from` holds no run that can be the start.
    """
    if not app.config.start_from:
        return
    record = {} if app.config.fresh else read_record(app.run_dir)
    if record:
        taken = json.loads(record.get("options", "{}"))
    else:
        taken = _taken_options(app, pathlib.Path(app.config.start_from))
    app.config = dataclasses.replace(app.config, **taken)


def _taken_options(app, source):
    _require_run(app, source)
    start_app = _app_of(app, source / "model.keras")
    if start_app is type(app):
        return {}
    options = saved_config.read(start_app.Config, source)
    return _other_starts(app)[start_app](options)


def _other_starts(app):
    return app.other_starts() if isinstance(app, TransferApp) else {}


def _app_of(app, path):
    """Returns the app whose model is in a file.

    Raises:
      UserError: Runs of `app` cannot start from runs of that app.
    """
    name = model_file.class_name(path)
    for candidate in (type(app), *_other_starts(app)):
        model_class = candidate.model_class()
        if name == keras.saving.get_registered_name(model_class):
            return candidate
    expected = [app.name, *(other.name for other in _other_starts(app))]
    raise UserError(
        f"--start_from={path.parent} is a run of another app (its model is "
        f"{name.rpartition('>')[2]}): pass a run of {' or '.join(expected)}."
    )


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
    if options := _taken_options(app, source):
        record["options"] = json.dumps(options)
    files.write_json(folder / RECORD, record)


def _trained_on(app, source):
    """Returns the data set of a run, and of those that it started from."""
    start_app = _app_of(app, source / "model.keras")
    dataset = saved_config.read(start_app.Config, source).dataset
    earlier = read_record(source)
    return f"{dataset}, after {earlier['trained_on']}" if earlier else dataset


def read_record(folder: pathlib.Path) -> dict[str, str]:
    """Returns the start of a run: "run", "trained_on" and "sha256".

    And "options", those taken from a run of another app, as JSON.

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
    if not files.conforms(record, dict[str, str]) or not (
        {"run", "trained_on", "sha256"} <= set(record)
    ):
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
        _require_run(app, source)
        _trained_on(app, source)
        _read(app, source / "model.keras")
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


def _require_run(app, source):
    """Raises a UserError if `source` is not a finished run, or the own one."""
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


def _read(app, path):
    """Returns the model in a file, which may be of another app."""
    return model_file.read(_app_of(app, path), path)


def load(app: App) -> AppModel | None:
    """Returns the model that the run starts from, or None."""
    if not app.config.start_from:
        return None
    return _read(app, app.run_dir / MODEL)


def take_weights(app: App, start: AppModel, model: AppModel) -> None:
    """Copies weights, and prints what was taken and what was created.

    Raises:
      UserError: Nothing fits.
    """
    if isinstance(start, type(model)):
        matches = transfer.copy(start, model, _rows(start), _rows(model))
    else:
        matches = _take_encoder(start, model)
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


def _take_encoder(start, model):
    """Copies the weights of the part that reads texts; returns the matches."""
    source, target = start.encoder(), model.encoder()
    return transfer.copy_layers(
        zip(source.layers, target.layers, strict=True),
        model,
        {"words": source.words},
        {"words": target.words},
    )


def _rows(model):
    return model.named_rows() if isinstance(model, VocabularyModel) else {}
