"""Requests and answers as JSON, in the forms of TensorFlow Serving.

Its messages are kept: clients may know them.
"""

import base64
import binascii
import contextlib
import itertools
import json
from typing import Any

import numpy as np
import tensorflow as tf

from common.serving import refusals
from common.serving.refusals import Refusal
from common.serving.signature import Arrays
from common.serving.signature import Signature

QUOTED = 256  # Characters of a wrong value that a message repeats.
MAX_RANK = 32  # NumPy's arrays have at most 64 axes.
_TYPE_NAMES = {"float32": "float", "float64": "double", "float16": "half"}
_ENCODER = json.JSONEncoder()


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
        raise _wrong(request, "Is not object")
    if not isinstance(request.get("signature_name", ""), str):
        raise _wrong(
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
        raise _wrong(
            request,
            "Not formatted correctly expecting only one of 'inputs' or "
            "'instances' keys to exist ",
        )
    if "instances" in request:
        instances = request["instances"]
        if not isinstance(instances, list):
            raise _wrong(request, "Expecting 'instances' to be an list/array")
        if not instances:
            raise _wrong(request, "No values in 'instances' array")
        return _read_rows(instances, signature)
    if "inputs" in request:
        return _read_columns(request["inputs"], signature)
    raise refusals.invalid("Missing 'inputs' or 'instances' key")


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


def _wrong(value, text):
    return refusals.invalid(f"JSON Value: {_quoted(value)} {text}")


def _quoted(value):
    """Returns the beginning of a value as JSON; a long one is not encoded."""
    text = ""
    with contextlib.suppress(RecursionError):
        for part in _ENCODER.iterencode(value):
            text += part[:QUOTED]
            if len(text) > QUOTED:
                break
    return text[:QUOTED]


# Rows.


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
                f"object: {_quoted(instance)} keys must be equal to: "
                f"{','.join(inputs)}"
            )
    return {
        name: _stacked(parts, inputs[name].dtype)
        for name, parts in items.items()
    }


def _has_names(instance):
    return isinstance(instance, dict) and not _is_base64(instance)


def _add_row(i, values, inputs, items, has_names):
    """Adds the flat values of a row to `items`."""
    for name, value in values.items():
        try:
            if name not in inputs:
                raise refusals.invalid(
                    f"JSON object: does not have named input: {name[:QUOTED]}"
                )
            flat, shape = _flat(value, inputs[name].dtype)
            rows = items.get(name, [])  # The caller refuses a new name.
            _require_equal(shape, rows[0][1] if rows else shape)
            rows.append((flat, shape))
        except Refusal as refusal:
            key = f" key: {name[:QUOTED]}" if has_names else ""
            raise refusals.invalid(
                f"Failed to process element: {i}{key} of 'instances' list. "
                f"Error: {refusal.code}: {refusal}"
            ) from refusal


def _require_equal(shape, first_shape):
    size, first_size = (
        np.prod(shape, dtype=int),
        np.prod(first_shape, dtype=int),
    )
    if size != first_size:
        raise refusals.invalid(
            f"Expecting tensor size: {first_size} but got: {size}"
        )
    if shape != first_shape:
        texts = [f"[{','.join(map(str, s))}]" for s in (first_shape, shape)]
        raise refusals.invalid(
            f"Expecting shape {texts[0]} but got: {texts[1]}"
        )


def _stacked(parts, dtype):
    flat = list(itertools.chain.from_iterable(flat for flat, _ in parts))
    return _array(flat, dtype).reshape([len(parts), *parts[0][1]])


# Columns.


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
            flat, shape = _flat(columns[name], spec.dtype)
            arrays[name] = _array(flat, spec.dtype).reshape(shape)
        elif name not in signature.defaults:
            raise refusals.invalid(
                f"Missing named input: {name} in 'inputs' object."
            )
    return arrays


# Values.


def _flat(value, dtype):
    """Returns the checked values in nested lists, and their shape."""
    shape = _shape(value)
    level_values = [value]
    for level, size in enumerate(shape):
        for item in level_values:
            if not isinstance(item, list):
                raise refusals.invalid(
                    f"JSON Value: {_quoted(item)} found at incorrect level: "
                    f"{level + 1} in the JSON DOM. Expected at level: "
                    f"{len(shape)}"
                )
            if len(item) != size:
                raise refusals.invalid(
                    f"Encountered list at unexpected size: {len(item)} at "
                    f"level: {level} expected size: {size}"
                )
        level_values = list(itertools.chain.from_iterable(level_values))
    if any(type(item) is list for item in level_values):
        raise refusals.invalid(
            f"Encountered list at unexpected level: {len(shape)} expected < "
            f"{len(shape)}"
        )
    if dtype == tf.string:
        return [_bytes(item) for item in level_values], shape
    _require_type(level_values, dtype)
    return level_values, shape


def _shape(value):
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        value = value[0] if value else None
    if len(shape) > MAX_RANK:
        raise refusals.invalid(f"Lists are nested {len(shape)} times.")
    return shape


def _require_type(values, dtype):
    """Raises a refusal that names the first value of another type."""
    kinds = {int} if dtype.is_integer else {int, float}
    if dtype == tf.bool:
        kinds = {bool}
    bounds = (dtype.min, dtype.max) if dtype.is_integer else None
    if set(map(type, values)) <= kinds and (
        not bounds
        or not values
        or (bounds[0] <= min(values) and max(values) <= bounds[1])
    ):
        return
    for value in values:
        if type(value) not in kinds or (
            bounds and not bounds[0] <= value <= bounds[1]
        ):
            raise _type_error(value, dtype)


def _type_error(value, dtype):
    kinds = {
        type(None): "Null",
        dict: "Object",
        list: "Array",
        str: "String",
    }
    kind = kinds.get(type(value), "Number")
    if isinstance(value, bool):
        kind = str(value)
    expected = _TYPE_NAMES.get(dtype.name, dtype.name)
    return _wrong(value, f"Type: {kind} is not of expected type: {expected}")


def _array(flat, dtype):
    if dtype == tf.string:
        return np.array(flat, object)
    try:
        with np.errstate(over="ignore"):  # Infinity, as elsewhere.
            return np.array(flat, dtype.as_numpy_dtype)
    except OverflowError as error:  # An integer above all floats.
        raise _type_error(max(flat, key=abs), dtype) from error


def _is_base64(value):
    return (
        isinstance(value, dict)
        and len(value) == 1
        and isinstance(value.get("b64"), str)
    )


def _bytes(value):
    """Returns the bytes of a string, or of an object with the key "b64"."""
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError as error:  # Half a surrogate pair.
            raise _wrong(value, "is not valid Unicode") from error
    if not isinstance(value, dict):
        raise _type_error(value, tf.string)
    if not _is_base64(value):
        raise _wrong(value, "not formatted correctly for base64 data")
    text = "".join(value["b64"].split()).rstrip("=")
    try:
        text += "=" * (-len(text) % 4)
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise refusals.invalid("Unable to base64 decode") from error


# Outputs.


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
