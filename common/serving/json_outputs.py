"""Answers as JSON, in the forms of TensorFlow Serving."""

import base64
import json
from typing import Any

import numpy as np

from common.serving import refusals
from common.serving.signature import Arrays


def write_outputs(outputs: Arrays, by_rows: bool) -> bytes:
    """Returns the answer.

    Args:
      outputs: By name; of a single one, the name is left out.
      by_rows: Whether the request had "instances".

    Raises:
      Refusal: There is no row of each output for each row of the others.
    """
    if by_rows:
        _require_rows(outputs)
    columns = {n: _plain(n, outputs[n]) for n in sorted(outputs)}
    answer: Any = columns
    if len(columns) == 1:
        (answer,) = columns.values()
    elif by_rows:
        rows = zip(*columns.values())
        answer = [dict(zip(columns, row)) for row in rows]
    name = "predictions" if by_rows else "outputs"
    return json.dumps({name: answer}, ensure_ascii=False).encode()


def _require_rows(outputs):
    first = None
    for name, value in outputs.items():
        if not value.ndim:
            raise refusals.invalid(
                f"Tensor name: {name} has no shape information "
            )
        if first not in (None, len(value)):
            raise refusals.invalid(
                f"Tensor name: {name} has inconsistent batch size: "
                f"{len(value)} expecting: {first}"
            )
        first = len(value)


def _plain(name, value):
    """Returns an array as lists of what JSON has."""
    if value.dtype == object:
        texts = np.empty(value.size, object)
        texts[:] = [_text(name, item) for item in value.ravel().tolist()]
        return texts.reshape(value.shape).tolist()
    if value.dtype.kind not in "biuf":
        raise refusals.invalid(
            f"Failed to write JSON value for tensor type: {value.dtype.name}"
        )
    return value.tolist()


def _text(name, content):
    """Returns a string; as base64 what is named so, or is not UTF-8."""
    if not name.endswith("_bytes"):
        try:
            return content.decode()
        except UnicodeDecodeError:
            pass
    return {"b64": base64.b64encode(content).decode()}
