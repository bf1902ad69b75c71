"""A command as a process: its exit code, and one line for a mistake."""

import contextlib
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from common import errors
from common.errors import UsageError
from common.images import silent
from common.training import signals
from common.training import streams


def run(name: str, command: Callable[[], None]) -> int:
    """Runs a command, and returns the exit code.

    Args:
      name: Name of the program; messages begin with it.
      command: Raises a UserError for what the user can fix.
    """
    streams.prepare()
    with signals.handled(name):
        try:
            command()
            streams.flush()
        except signals.Stopped as stopped:
            print(f"{name}: {stopped}", file=sys.stderr)
            return stopped.code
        except BrokenPipeError:  # The reader, such as `head`, has ended.
            streams.discard_output()
            return 1
        except Exception as error:
            message = errors.message(error)
            if not message:
                raise
            with contextlib.suppress(OSError):
                streams.flush()
            print(f"{name}: {message}", file=sys.stderr)
            return 2 if isinstance(error, UsageError) else 1
    return 0


def exit(code: int) -> NoReturn:
    """Ends the process."""
    if code > 128:  # By a signal: a regular exit of TensorFlow takes seconds.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def import_tensorflow() -> None:
    """Imports TensorFlow without the messages of its start-up.

    They come from C++ before any log level holds and list, on a machine
    without a GPU, errors that are none.
    """
    with silent.standard_error():
        import tensorflow as tf

        tf.config.list_physical_devices()
