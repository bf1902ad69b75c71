"""The trained model of a run: model.keras."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import zipfile

import keras
import numpy as np

from common import app as app_lib
from common import files
from common.app import App
from common.app_model import AppModel
from common.errors import UserError
from common.training import saved_config
from common.training import weight_averaging
from common.training.state import assign
from common.training.state import best_row


def save(model: keras.Model, path: pathlib.Path) -> None:
    """Writes a model: equal models give equal bytes.

    Keras writes the time of day into the archive and its members.
    """
    with files.written_beside(path) as beside:
        model.save(beside)
        with zipfile.ZipFile(beside) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        metadata = json.loads(members["metadata.json"])
        del metadata["date_saved"]
        members["metadata.json"] = json.dumps(metadata).encode()
        with zipfile.ZipFile(beside, "w") as archive:
            for name, content in members.items():
                archive.writestr(zipfile.ZipInfo(name), content)


def load(app: App) -> AppModel:
    """Returns the trained model of the run, as it answers.

    Its weights are averaged over epochs as `average_epochs` says.

    Raises:
      UserError: There is none, its file is broken, or it does not hold as
        many epochs as `average_epochs` needs.
    """
    path = app.run_dir / "model.keras"
    if not path.exists():
        raise app_lib.no_model(app.run_dir)
    model = read(app, path)
    _average(app, model)
    return model.with_decoding(app.config)


def load_ensemble(app: App, folders: str) -> list[AppModel]:
    """Returns the models of the run and of further ones.

    Args:
      app: The app of the run.
      folders: Of the further runs, separated by commas.

    Raises:
      UserError: See `load`; of any of them.
    """
    models = [load(app)]
    for folder in filter(None, folders.split(",")):
        saved = saved_config.read(type(app.config), pathlib.Path(folder))
        config = dataclasses.replace(
            saved, average_epochs=app.config.average_epochs
        )
        models.append(load(type(app)(config)))
    return models


def read(app: App | type[App], path: pathlib.Path) -> AppModel:
    """Returns the model in a file.

    Args:
      app: Its class of models.
      path: The file.

    Raises:
      UserError: The file is broken.
    """
    app.model_class()  # So that Keras knows the class by its name.
    try:
        # It answers; nobody continues its training.
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras, h5py and zipfile have many.
        reason = " ".join(str(error).split())
        raise UserError(
            f"{path} cannot be read ({reason}): train again with --fresh."
        ) from error
    for variable in model.variables:
        value = variable.numpy()
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise UserError(
                f"{path} holds values of {variable.path} that are not finite: "
                "train again with --fresh."
            )
    return model


def class_name(path: pathlib.Path) -> str:
    """Returns the registered name of the class of the model in a file.

    Raises:
      UserError: The file is broken.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))["registered_name"]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not a model: train again with --fresh."
        ) from error


def _average(app, model):
    """Sets a model to the mean of the weights of its last epochs."""
    count = app.config.average_epochs
    if count > 1:
        metric = app.evaluation.epoch_metric
        path = app.run_dir / "history.csv"
        history = files.read_csv(path, "epoch", f"val_{metric.name}")
        last = int(best_row(history, metric)["epoch"])
        arrays = weight_averaging.mean(app.run_dir / "epochs", last, count)
        assign(model.variables, arrays)
