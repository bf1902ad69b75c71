"""Silences C and C++ code that prints to standard error."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def standard_error() -> Iterator[None]:
    """Discards all that is written to file descriptor 2 within the context."""
    original = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(original, 2)
        os.close(nowhere)
        os.close(original)
