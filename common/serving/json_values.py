"""The values in JSON: checked, and with the shape of their lists."""

import base64
import binascii
import contextlib
import itertools
import json
from typing import Any

import numpy as np
import tensorflow as tf

from common.serving import refusals

QUOTED = 256  # Characters of a wrong value that a message repeats.
MAX_RANK = 32  # NumPy's arrays have at most 64 axes.
_TYPE_NAMES = {"float32": "float", "float64": "double", "float16": "half"}
_ENCODER = json.JSONEncoder()


def flat(value: Any, dtype: tf.DType) -> tuple[list, list[int]]:
    """Returns the checked values in nested lists, and their shape."""
    shape = _shape(value)
    level_values = [value]
    for level, size in enumerate(shape):
        for item in level_values:
            if not isinstance(item, list):
                raise refusals.invalid(
                    f"JSON Value: {quoted(item)} found at incorrect level: "
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
    return wrong(value, f"Type: {kind} is not of expected type: {expected}")


def array(flat: list, dtype: tf.DType) -> np.ndarray:
    """Returns checked values as an array of one axis."""
    if dtype == tf.string:
        return np.array(flat, object)
    try:
        with np.errstate(over="ignore"):  # Infinity, as elsewhere.
            return np.array(flat, dtype.as_numpy_dtype)
    except OverflowError as error:  # An integer above all floats.
        raise _type_error(max(flat, key=abs), dtype) from error


def is_base64(value: Any) -> bool:
    """Returns whether a value is an object that stands for bytes."""
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
            raise wrong(value, "is not valid Unicode") from error
    if not isinstance(value, dict):
        raise _type_error(value, tf.string)
    if not is_base64(value):
        raise wrong(value, "not formatted correctly for base64 data")
    text = "".join(value["b64"].split()).rstrip("=")
    try:
        text += "=" * (-len(text) % 4)
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise refusals.invalid("Unable to base64 decode") from error


def wrong(value: Any, text: str) -> refusals.Refusal:
    """Returns the refusal that begins with a value."""
    return refusals.invalid(f"JSON Value: {quoted(value)} {text}")


def quoted(value: Any) -> str:
    """Returns the beginning of a value as JSON; a long one is not encoded."""
    text = ""
    with contextlib.suppress(RecursionError):
        for part in _ENCODER.iterencode(value):
            text += part[:QUOTED]
            if len(text) > QUOTED:
                break
    return text[:QUOTED]
