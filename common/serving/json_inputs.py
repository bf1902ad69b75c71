"""Requests as JSON, in the forms of TensorFlow Serving.

Its messages are kept: clients may know them.
"""

import itertools
import json
from typing import Any

import numpy as np

from common.serving import json_values
from common.serving import refusals
from common.serving.refusals import Refusal
from common.serving.signature import Arrays
from common.serving.signature import Signature


def parse(body: bytes) -> dict[str, Any]:
    """Returns the object in the body of a request.

    Raises:
      Refusal: It is not a JSON object, or the name of the signature is not a
        string.
    """
    try:
        request = json.loads(body)
    except json.JSONDecodeError as error:
        raise refusals.invalid(
            f"JSON Parse error: {error.msg} at offset: {error.pos}"
        ) from error
    except UnicodeDecodeError as error:
        raise refusals.invalid(
            f"JSON Parse error: not UTF-8 at offset: {error.start}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise refusals.invalid(
            "JSON Parse error: a number has too many digits, or lists are "
            "nested too deep"
        ) from error
    if not isinstance(request, dict):
        raise json_values.wrong(request, "Is not object")
    if not isinstance(request.get("signature_name", ""), str):
        raise json_values.wrong(
            request,
            "not formatted correctly. 'signature_name' key must be a string "
            "value.",
        )
    return request


def read_inputs(request: dict[str, Any], signature: Signature) -> Arrays:
    """Returns the inputs in a request, by rows or by columns.

    Raises:
      Refusal: A value is missing, or does not have the type of its input.
    """
    if "instances" in request and "inputs" in request:
        raise json_values.wrong(
            request,
            "Not formatted correctly expecting only one of 'inputs' or "
            "'instances' keys to exist ",
        )
    if "instances" in request:
        instances = request["instances"]
        if not isinstance(instances, list):
            raise json_values.wrong(
                request, "Expecting 'instances' to be an list/array"
            )
        if not instances:
            raise json_values.wrong(request, "No values in 'instances' array")
        return _read_rows(instances, signature)
    if "inputs" in request:
        return _read_columns(request["inputs"], signature)
    raise refusals.invalid("Missing 'inputs' or 'instances' key")


def _read_rows(instances, signature):
    inputs = signature.inputs
    has_names = _has_names(instances[0])
    if len(inputs) > 1 and not isinstance(instances[0], dict):
        raise refusals.invalid(
            "instances is a plain list, but expecting list of objects as "
            "multiple input tensors required as per tensorinfo_map"
        )
    only = next(iter(inputs))
    items = {name: [] for name in (instances[0] if has_names else [only])}
    for i, instance in enumerate(instances):
        if has_names and not _has_names(instance):
            raise refusals.invalid(
                f"Expecting object but got list at item {i} of input list"
            )
        if not has_names and _has_names(instance):
            raise refusals.invalid(
                f"Expecting value/list but got object at item {i} of input list"
            )
        values = instance if has_names else {only: instance}
        _add_row(i, values, inputs, items, has_names)
        missing = inputs.keys() - values.keys() - signature.defaults.keys()
        if missing or values.keys() != items.keys():
            raise refusals.invalid(
                f"Failed to process element: {i} of 'instances' list. JSON "
                f"object: {json_values.quoted(instance)} keys must be equal "
                f"to: {','.join(inputs)}"
            )
    return {
        name: _stacked(parts, inputs[name].dtype)
        for name, parts in items.items()
    }


def _has_names(instance):
    return isinstance(instance, dict) and not json_values.is_base64(instance)


def _add_row(i, values, inputs, items, has_names):
    """Adds the flat values of a row to `items`."""
    for name, value in values.items():
        try:
            if name not in inputs:
                raise refusals.invalid(
                    "JSON object: does not have named input: "
                    f"{name[: json_values.QUOTED]}"
                )
            flat, shape = json_values.flat(value, inputs[name].dtype)
            rows = items.get(name, [])  # The caller refuses a new name.
            _require_equal(shape, rows[0][1] if rows else shape)
            rows.append((flat, shape))
        except Refusal as refusal:
            key = f" key: {name[: json_values.QUOTED]}" if has_names else ""
            raise refusals.invalid(
                f"Failed to process element: {i}{key} of 'instances' list. "
                f"Error: {refusal.code}: {refusal}"
            ) from refusal


def _require_equal(shape, first_shape):
    if shape == first_shape:
        return
    size, first_size = (
        np.prod(shape, dtype=int),
        np.prod(first_shape, dtype=int),
    )
    if size != first_size:
        raise refusals.invalid(
            f"Expecting tensor size: {first_size} but got: {size}"
        )
    texts = [f"[{','.join(map(str, s))}]" for s in (first_shape, shape)]
    raise refusals.invalid(f"Expecting shape {texts[0]} but got: {texts[1]}")


def _stacked(parts, dtype):
    flat = list(itertools.chain.from_iterable(flat for flat, _ in parts))
    return json_values.array(flat, dtype).reshape([len(parts), *parts[0][1]])


def _read_columns(columns, signature):
    inputs = signature.inputs
    if not _has_names(columns):
        if len(inputs) > 1:
            raise refusals.invalid(
                "inputs is a plain value/list, but expecting an object as "
                "multiple input tensors required as per tensorinfo_map"
            )
        columns = {name: columns for name in inputs}
    arrays = {}
    for name, spec in inputs.items():
        if name in columns:
            flat, shape = json_values.flat(columns[name], spec.dtype)
            arrays[name] = json_values.array(flat, spec.dtype).reshape(shape)
        elif name not in signature.defaults:
            raise refusals.invalid(
                f"Missing named input: {name} in 'inputs' object."
            )
    return arrays
