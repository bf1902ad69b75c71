"""Interleaved timings, and those of other processes."""

import json
import os
import statistics
import subprocess
import sys
import time


def key(cell, shape):
    """Returns the name of a case: the cell, and the four sizes."""
    return " ".join([cell, *map(str, shape)])


def medians(calls, rounds):
    """Returns the median time of each call in milliseconds.

    Args:
      calls: dict of functions without arguments that return when all is done.
      rounds: how often each is called, in turns.
    """
    for _ in range(3):
        for call in calls.values():
            call()
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(t) for name, t in times.items()}


def of_module(name, *arguments):
    """Runs a module of `benchmarks`, and returns the JSON that it prints.

    It runs in a process of its own; its standard error is not captured.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    return json.loads(done.stdout)
