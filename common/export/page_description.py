"""The description of an app's page, which is stored beside its SavedModel."""

from __future__ import annotations

import base64
import inspect
import json
import math
from typing import Any

import numpy as np

from common.app import App
from common.interface import TEST_EXAMPLE
from common.page import page as page_lib

EXAMPLES = 3
# The only data set whose examples are copied into exports: it is synthetic.
SYNTHETIC = "sample"
TEXTS = ("text", "line")


def write(app: App) -> str:
    """Returns the description as JSON, with inputs to try."""
    page = _page(app.interface).to_json()
    page["title"] = page["title"] or app.name.replace("_", " ").capitalize()
    sentences = inspect.getdoc(type(app)) or ""
    page["description"] = " ".join(sentences.split("\n\n")[0].split())
    page["limitations"] = app.limitations
    page["examples"] = _examples(app, page["inputs"])
    return json.dumps(page, ensure_ascii=False, allow_nan=False)


def _page(interface):
    """Returns the page of an interface: its own, or that of any app."""
    if isinstance(interface, page_lib.PagedInterface):
        return interface.page()
    return page_lib.Page()


def _examples(app, inputs):
    """Returns a dict of JSON values for each example input."""
    words = [
        word
        for word in app.example_inputs
        if app.config.dataset == SYNTHETIC or not TEST_EXAMPLE.fullmatch(word)
    ][:EXAMPLES]
    if not words:
        return []
    columns = app.interface.parse_inputs(words)
    files = {field["name"] for field in inputs if field["kind"] not in TEXTS}
    values = {
        name: [_json(row, name in files) for row in column.numpy()]
        for name, column in columns.items()
    }
    return [
        {n: rows[i] for n, rows in values.items()} for i in range(len(words))
    ]


def _json(value: Any, is_file: bool) -> Any:
    """Returns a row of an input in the form of requests."""
    if isinstance(value, np.ndarray):
        return [_json(part, False) for part in value]
    if isinstance(value, bytes):
        if is_file:
            return {"b64": base64.b64encode(value).decode()}
        return value.decode(errors="replace")
    if isinstance(value, np.floating):
        # The shortest digits of its precision; unknown numbers are 0.
        return float(str(value)) if math.isfinite(value) else 0.0
    return value.item()
