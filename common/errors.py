"""Errors that a user can fix; shown as one line, without a traceback."""

import sys


class UserError(Exception):
    """Names the value, the place and the remedy; exit code 1."""


class UsageError(UserError):
    """The command line is wrong; exit code 2."""


class Diverged(UserError):
    """Training has left the finite numbers: other options may not."""


def message(error: Exception) -> str | None:
    """Returns the line for an error that a user can fix; otherwise None."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return (
            f"Out of memory ({error}): lower --batch_size or the size of the "
            "model, or use a machine with more."
        )
    if isinstance(error, OSError):
        # The name is None for what print writes to.
        place = f"{error.filename}: " if error.filename else ""
        return (
            f"{place}{error.strerror or error}. Check the path and its "
            "permissions, or choose another."
        )
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow and isinstance(error, tensorflow.errors.OpError):
        lines = error.message.strip().splitlines() or [""]
        return (
            f"{lines[0]} ({type(error).__name__}): check the files that are "
            "read and written, and the free memory and disk space."
        )
    return None
