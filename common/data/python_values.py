"""Inputs and answers in Python: lists and dicts, or columns of pandas."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from common.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import tensorflow as tf


def of_inputs(
    inputs: Sequence | pd.Series | pd.DataFrame,
) -> list[str | dict[str, Any] | None]:
    """Returns each input as text, as a dict of arguments, or None if missing.

    Of a DataFrame, each row is a dict; it is missing if one of its values is.

    Raises:
      UsageError: An input has another type.
    """
    if isinstance(inputs, (str, bytes, dict)):
        raise UsageError(
            f"Inputs are {type(inputs).__name__}: pass a list, here of one "
            "input."
        )
    pandas = sys.modules.get("pandas")
    if pandas and isinstance(inputs, pandas.DataFrame):
        inputs = inputs.to_dict("records")
    return [_input(number, value) for number, value in enumerate(inputs)]


def _input(number, value):
    if _is_missing(value):
        return None
    if isinstance(value, dict):
        return None if any(map(_is_missing, value.values())) else value
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    raise UsageError(
        f"Input {number} is {value!r} of type {type(value).__name__}: pass "
        "text, a path or a dict of the arguments of model.serve."
    )


def _is_missing(value):
    """Returns whether a value is None, NaN, or a missing value of pandas."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def of_outputs(outputs: dict[str, tf.Tensor]) -> list[dict[str, Any]]:
    """Returns the values of each row, by name.

    Text is str; numbers and bools are those of Python; other values are NumPy
    arrays. The content of a file, whose name ends with "_bytes", is bytes.
    """
    columns = {
        name: values.numpy().tolist()
        if name.endswith("_bytes")
        else map(_value, values.numpy())
        for name, values in outputs.items()
    }
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _value(array):
    import numpy as np

    if isinstance(array, bytes):
        return array.decode(errors="replace")
    if array.ndim == 0:
        return array.item()
    if array.dtype == object:
        return np.vectorize(_value, otypes=[object])(array)
    return array


def like(
    inputs: Sequence | pd.Series | pd.DataFrame,
    answers: Iterable[dict[str, Any] | None],
) -> list[dict[str, Any] | None] | pd.DataFrame:
    """Returns answers as a list, or as a DataFrame if the inputs have an index.

    Args:
      inputs: See `of_inputs`.
      answers: For each input.
    """
    pandas = sys.modules.get("pandas")
    if pandas and isinstance(inputs, (pandas.Series, pandas.DataFrame)):
        rows = [answer or {} for answer in answers]
        return pandas.DataFrame(rows, index=inputs.index)
    return list(answers)
