"""Runs a small app in a process of its own, and harms it on the way.

    python -m tests.reliability.driver HARM NAME NUMBER COMMAND...

Before the function NAME, such as common.training.state.State.save, is called
for the NUMBERth time, HARM happens: the name of a signal that the process sends to
itself. With NUMBER 0 nothing happens.
"""

import functools
import importlib
import os
import signal
import sys

from apps.sentiment.__main__ import Sentiment
from common import runner


class Small(Sentiment):
    """Ten steps an epoch, with dropout and shuffling."""

    def examples(self, split):
        return super().examples(split).take(640)


def harm(what, name, number):
    """Wraps a function of a module or of a class of it."""
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
            os.kill(os.getpid(), signal.Signals[what])
        return function(*args, **kwargs)

    setattr(holder, attribute, wrapped)


if __name__ == "__main__":
    what, name, number, *command = sys.argv[1:]
    if int(number):
        harm(what, name, int(number))
    options = ["--epochs=3", "--units=8", "--max_words=30", "--dropout=0.3"]
    options += ["--word_dropout=0.2", "--checkpoint_minutes=0"]
    sys.exit(runner.run(Small, ["small", *command, *options]))
