"""Exports of a trained model: the format that --format names."""

import dataclasses
import pathlib

from common import config as config_lib
from common import files
from common.app import App
from common.errors import UsageError
from common.evaluation import report as report_lib
from common.export import model_card
from common.export import network_files
from common.export import page_description
from common.export import saved_model


def export(app: App) -> pathlib.Path:
    """Writes the model of a run as the next version in its format.

    Those for other runtimes are in `saved_models/<app>/<format>/<version>`: the
    folder has no number for a name, so that a server that polls
    `saved_models/<app>` does not take it for a version of the SavedModel.

    Args:
      app: The app of the run.

    Returns:
      The folder of the new version.

    Raises:
      UserError: The model cannot be exported in this format.
    """
    folder = pathlib.Path(app.config.saved_models) / app.name
    documents, report = _documents(app)
    if app.config.format == "saved_model":
        if app.config.int8:
            raise UsageError(
                "--int8 is of --format=litert and --format=onnx; a SavedModel "
                "has weights of 32 bits."
            )
        documents["MODEL_CARD.md"] = model_card.write(app, app.model, report)
        documents["page.json"] = page_description.write(app)
        return saved_model.publish(app.model, folder, documents)
    exported = network_files.convert(app)
    documents["MODEL_CARD.md"] = model_card.write(
        app, app.model, report, exported.report
    )
    return exported.publish(folder / app.config.format, documents)


def _documents(app):
    """Returns texts by file name, and the report of the evaluation, if any."""
    options = dataclasses.asdict(app.trained_on or app.config)
    documents = {"config.json": files.json_text(options)}
    report = report_lib.read(app.run_dir / "metrics.json")
    if report and report.options != config_lib.answer_options(app.config):
        report = None  # The scores are of other answers.
    if report:
        documents["metrics.json"] = files.json_text(report.to_json())
    return documents, report
