"""SIGTERM and SIGINT: what waits, what ends at once, and with which code."""

import os
import signal
import subprocess
import sys
import time

import pytest

# The body runs while signals are served; it says "ready" when it is.
SCRIPT = """
import signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
from common.training import signals
signals.GRACE = {grace}
def ready():
    print("ready", flush=True)
def wait():
    while not signals.pending():
        time.sleep(0.01)
with signals.handled("toy"):
{body}
"""
AT_ONCE = """
    ready()
    time.sleep(60)
"""
WAITS = """
    with signals.deferred():
        ready()
        wait()
        print("saved", signals.pending())
"""
SAVES_FOR_LONG = """
    with signals.deferred():
        ready()
        wait()
        ready()
        time.sleep(60)
"""
STEPS_FOR_LONG = """
    with signals.deferred():
        ready()
        time.sleep(60)
"""


ASKS_NO_MORE = """
    with signals.deferred():
        ready()
        time.sleep(0.5)
    time.sleep(60)
"""
NOBODY_READS = """
    ready()
    print("x" * 2**20, flush=True)
"""


@pytest.fixture
def start(request):
    """Returns a function that starts a body, and waits until it is ready."""
    started = []

    def run(body, grace=50):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(body=body, grace=grace)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            cwd=request.config.rootpath,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_ends_what_does_not_defer_it(start, number, code):
    process = start(AT_ONCE)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == code
    assert err == f"toy: stopped by {number.name}.\n"


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_deferred_signal_is_served_by_what_it_interrupts(start, number, code):
    process = start(WAITS)
    process.send_signal(number)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (0, f"saved {int(number)}\n", "")


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_sigint_ends_at_once(start, first):
    process = start(SAVES_FOR_LONG)
    process.send_signal(first)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130


def test_a_second_sigterm_lets_it_save(start):
    process = start(WAITS)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate()
    assert (process.returncode, out) == (0, "saved 15\n")


def test_a_step_that_takes_too_long_is_given_up(start):
    process = start(STEPS_FOR_LONG, grace=0.1)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 143
    assert "what was saved last counts" in err


def test_a_save_that_takes_long_is_not_given_up(start):
    body = SAVES_FOR_LONG.replace("time.sleep(60)", "time.sleep(0.5)")
    process = start(body, grace=0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_that_nobody_asked_for_in_time_is_served(start, number, code):
    process = start(ASKS_NO_MORE)
    process.send_signal(number)
    process.communicate()
    assert process.returncode == code


def test_it_ends_though_nobody_reads_what_it_writes(start):
    process = start(NOBODY_READS)
    time.sleep(0.5)  # Until the pipe is full; it ends either way.
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 143
