"""Which values of a parameter `make test` takes."""

from collections.abc import Iterable
from typing import Any

import pytest


def extended(values: Iterable[Any], *quick: Any) -> list:
    """Returns test parameters; those outside of a selection are extended.

    Args:
      values: All values.
      *quick: Those that `make test` takes.
    """
    return [
        pytest.param(v, marks=() if v in quick else pytest.mark.extended)
        for v in values
    ]
