"""Answers as JSON, in the forms of TensorFlow Serving."""

import base64
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from google.protobuf import json_format

from common.serving import refusals
from common.serving.model_versions import Status
from common.serving.predictor import Served
from common.serving.signature import Arrays

_ENCODER = json.JSONEncoder(ensure_ascii=False)


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
    return _ENCODER.encode({name: answer}).encode()


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


def write_statuses(statuses: Iterable[Status]) -> bytes:
    """Returns the states of versions."""
    values = [
        {
            "version": str(status.version),
            "state": status.state,
            "status": {
                "error_code": status.code,
                "error_message": status.message,
            },
        }
        for status in statuses
    ]
    return json.dumps({"model_version_status": values}, indent=1).encode()


def write_metadata(served: Served) -> bytes:
    """Returns the signatures of a version, as they stand in its file."""
    signatures = {
        name: json_format.MessageToDict(
            signature.definition,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        )
        for name, signature in served.version.signatures.items()
    }
    spec = {
        "name": served.model,
        "signature_name": "",
        "version": str(served.version.number),
    }
    metadata = {"signature_def": {"signature_def": signatures}}
    return json.dumps(
        {"model_spec": spec, "metadata": metadata}, indent=1
    ).encode()
