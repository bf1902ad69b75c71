"""SIGTERM, SIGINT and SIGHUP: training saves first, other commands end at once.

A separate thread receives them: they are handled even while the main thread is
in TensorFlow, which may not return to Python for seconds.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

GRACE = 4.0  # Seconds to finish a training step and start saving.

_lock = threading.Lock()
_deferring = False  # Whether the running code will call `pending`.
_waiting = None  # The deferred signal.


class Stopped(Exception):
    """The interrupted code handled a signal, and the process is to end.

    Attributes:
      code: Exit code of the process: 128 plus the number of the signal.
    """

    def __init__(self, number: int, message: str):
        super().__init__(message)
        self.code = 128 + number


@contextlib.contextmanager
def handled(name: str) -> Iterator[None]:
    """Handles the signals within: exit codes 130, 143 and 129, and a line.

    Only in the main thread. A signal that is ignored, as SIGINT is by
    background jobs of a shell, stays ignored.

    Args:
      name: Name of the program; the message begins with it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    numbers = [
        number
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) != signal.SIG_IGN
    ]
    # Python also writes each handled signal to the pipe, at once.
    handlers = {n: signal.signal(n, lambda *_: None) for n in numbers}
    descriptor = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    # Standard error as it is now, even if it is redirected later.
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
        open(error, "wb", buffering=0) as error_stream,
    ):
        while byte := pipe.read(1):
            number = byte[0]
            if _defer(number):
                patience = threading.Timer(
                    GRACE, _end_overdue_step, (number, name, error_stream)
                )
                patience.daemon = True
                patience.start()
            elif _waiting is None or number == signal.SIGINT:
                _exit(number, name, error_stream)
            # A second SIGTERM is ignored: cluster managers send it to all
            # processes they see.


def _defer(number):
    """Defers a signal if it is the first; returns whether it was deferred."""
    global _waiting
    with _lock:
        first = _deferring and _waiting is None
        if first:
            _waiting = number
        return first


def _end_overdue_step(number, name, error_stream):
    """Ends the process if a training step takes too long."""
    with _lock:
        overdue = _deferring and _waiting == number
    if overdue:
        place = " within a step; the last checkpoint counts"
        _exit(number, name, error_stream, place)


def _exit(number, name, error_stream, place=""):
    text = f"{name}: stopped by {signal.Signals(number).name}{place}.\n"

    def write():
        with contextlib.suppress(Exception):
            error_stream.write(text.encode())
            sys.stdout.flush()

    # Where nobody reads the output, writing would block forever.
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    writer.join(0.5)
    os._exit(128 + number)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Defers a signal, within, until `pending` is called."""
    global _deferring, _waiting
    _deferring = True
    try:
        yield
    finally:
        with _lock:
            missed = _waiting if _deferring else None
            _deferring, _waiting = False, None
        if missed is not None:  # It came after the last call of `pending`.
            os.kill(os.getpid(), missed)


def pending() -> int | None:
    """Returns the number of the deferred signal; the caller handles it.

    From then on only a second SIGINT ends the process by itself.
    """
    global _deferring
    if _waiting is not None:
        with _lock:
            _deferring = False
    return _waiting
