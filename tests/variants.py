"""Which values of a parameter `make test` takes."""

from collections.abc import Iterable
from typing import Any

import pytest


def extended(values: Iterable[Any], *quick: Any) -> list:
    """Returns test parameters; those outside of a selection are extended.

    Args:
      values: All values; those that are marked already stay as they are.
      *quick: Those that `make test` takes.
    """
    return [
        value
        if isinstance(value, type(pytest.param())) or value in quick
        else pytest.param(value, marks=pytest.mark.extended)
        for value in values
    ]
