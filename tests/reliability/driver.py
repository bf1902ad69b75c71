"""Runs a small app in a separate process, and sends itself a signal.

    python -m tests.reliability.driver SIGNAL NAME NUMBER COMMAND...

Before the NUMBERth call of the function NAME, such as
common.training.state.State.save, the process sends SIGNAL to itself. With
NUMBER 0 it sends none.
"""

import functools
import importlib
import os
import signal
import sys

from apps.sentiment import Sentiment
from common import runner


class Small(Sentiment):
    """Ten steps an epoch, with dropout and shuffling."""

    def examples(self, split):
        return super().examples(split).take(640)


def interrupt(signal_name, name, number):
    """Wraps a function of a module, or a method of a class in it."""
    *module, owner, attribute = name.split(".")
    try:
        holder = importlib.import_module(".".join([*module, owner]))
    except ModuleNotFoundError:
        holder = getattr(importlib.import_module(".".join(module)), owner)
    function = getattr(holder, attribute)
    calls = 0

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.Signals[signal_name])
        return function(*args, **kwargs)

    setattr(holder, attribute, wrapped)


if __name__ == "__main__":
    signal_name, name, number, *command = sys.argv[1:]
    if int(number):
        interrupt(signal_name, name, int(number))
    options = ["--epochs=3", "--units=8", "--max_words=30", "--dropout=0.3"]
    options += ["--word_dropout=0.2", "--checkpoint_minutes=0"]
    runner.exit(runner.run(Small, ["small", *command, *options]))
