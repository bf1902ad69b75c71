"""SIGTERM and SIGINT: training saves first, all else ends at once.

A thread of its own receives them, so that they are served while the main
thread is within TensorFlow, which does not come back to Python for seconds.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

GRACE = 4.0  # Seconds to end a training step and begin to save.

_lock = threading.Lock()
_deferring = False  # Whether what is under way will ask for `pending`.
_waiting = None  # The signal that was deferred.


class Stopped(Exception):
    """A signal was asked for, and served, by what it interrupts.

    Attributes:
      code: exit code of the process, 128 + the number of the signal.
    """

    def __init__(self, number: int, message: str):
        super().__init__(message)
        self.code = 128 + number


@contextlib.contextmanager
def handled(name: str) -> Iterator[None]:
    """Serves the signals within: exit codes 130 and 143, with a line.

    Does nothing but in the main thread. A signal that is ignored, as SIGINT
    by a shell's background jobs, stays so.

    Args:
      name: of the program, to begin the line with.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    numbers = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) != signal.SIG_IGN
    ]
    # What is told to Python's handlers is written to the pipe, too, at once.
    handlers = {n: signal.signal(n, lambda *_: None) for n in numbers}
    descriptor = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    # Standard error, wherever it leads to when a signal comes.
    error = os.dup(2)
    threading.Thread(
        target=_watch, args=(reading, error, name), daemon=True
    ).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(writing)  # Ends the thread.


def _watch(reading, error, name):
    with (
        open(reading, "rb", buffering=0) as pipe,
        open(error, "wb", buffering=0) as told,
    ):
        while byte := pipe.read(1):
            number = byte[0]
            if _defer(number):
                patience = threading.Timer(GRACE, _lose, (number, name, told))
                patience.daemon = True
                patience.start()
            elif _waiting is None or number == signal.SIGINT:
                _exit(number, name, told)
            # Else a second SIGTERM: cluster managers send it to all they see.


def _defer(number):
    """Returns whether the signal is the first, and will be asked for."""
    global _waiting
    with _lock:
        first = _deferring and _waiting is None
        if first:
            _waiting = number
        return first


def _lose(number, name, told):
    """Ends a training step that takes too long, unless it has ended."""
    with _lock:
        overdue = _deferring and _waiting == number
    if overdue:
        how = " within a step; what was saved last counts"
        _exit(number, name, told, how)


def _exit(number, name, told, how=""):
    text = f"{name}: stopped by {signal.Signals(number).name}{how}.\n"

    def say():
        with contextlib.suppress(Exception):
            told.write(text.encode())
            sys.stdout.flush()

    # Where nobody reads what is written, it would wait for ever.
    saying = threading.Thread(target=say, daemon=True)
    saying.start()
    saying.join(0.5)
    os._exit(128 + number)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Lets a signal wait, within, until `pending` is asked."""
    global _deferring, _waiting
    _deferring = True
    try:
        yield
    finally:
        with _lock:
            missed = _waiting if _deferring else None
            _deferring, _waiting = False, None
        if missed is not None:  # It came too late to be asked for.
            os.kill(os.getpid(), missed)


def pending() -> int | None:
    """Returns the number of the signal that waits; the caller serves it.

    From now on only a second SIGINT ends the process by itself.
    """
    global _deferring
    if _waiting is not None:
        with _lock:
            _deferring = False
    return _waiting
