"""The head of a model card, in YAML, as the Hugging Face Hub reads it."""

import json
from collections.abc import Iterator
from typing import Any

from common.app import App
from common.evaluation.report import Report

# The library that runs a format, and the tag of the format, on the Hub.
LIBRARIES = {
    "saved_model": ("tensorflow", "savedmodel"),
    "litert": ("tflite", "litert"),
    "onnx": ("onnxruntime", "onnx"),
}


def lines(app: App, report: Report | None) -> Iterator[str]:
    """Yields the lines of the head.

    The license of the weights is that of whoever exports them: "other", with a
    link to the section on the data. A file of the user's own is not named.

    Args:
      app: The task and its data set.
      report: Its evaluation; None if there is none.

    Reference: huggingface.co/docs/hub/model-cards.
    """
    library, tag = LIBRARIES[app.config.format]
    values: dict[str, Any] = {
        "license": "other",
        "license_name": "see-the-data-set",
        "license_link": "#data",
        "library_name": library,
        "tags": [library, tag, "rnn", app.name],
    }
    if app.dataset.languages:
        values["language"] = list(app.dataset.languages)
    if app.config.dataset == app.dataset.name:
        values["datasets"] = [app.dataset.name]
    if report:
        values["metrics"] = list(report.metrics)
        values["model-index"] = [_results(app, report)]
    yield "---"
    for name, value in values.items():
        yield f"{name}: {json.dumps(value)}"  # JSON is YAML.
    yield "---"


def _results(app, report):
    name = app.dataset.name
    return {
        "name": app.name,
        "results": [
            {
                "task": {"type": app.name},
                "dataset": {"name": name, "type": name, "split": report.split},
                "metrics": [
                    {"type": metric, "value": value}
                    for metric, value in report.metrics.items()
                ],
            }
        ],
    }
