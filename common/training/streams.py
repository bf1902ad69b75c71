"""Standard streams that are closed, broken, full, or of another encoding."""

import os
import sys


def prepare() -> None:
    """Makes standard streams usable.

    A file that is opened later must not take the place of a closed stream, and
    a character that a terminal lacks is shown by its number.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # Takes the lowest free number.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Writes what is buffered for standard output.

    Raises:
      OSError: It is closed or full. What is left is discarded: otherwise,
        Python would fail again at its end, with the exit code 120.
    """
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        discard_output()
        raise


def discard_output() -> None:
    """Discards all further standard output."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
