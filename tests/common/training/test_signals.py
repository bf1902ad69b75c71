"""SIGTERM and SIGINT are deferred or end the process, with their codes."""

import os
import signal
import subprocess
import sys
import threading

import pytest

# The body runs while signals are handled; it prints "ready" first.
SCRIPT = """
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
from common.training import signals
signals.GRACE = {grace}
end_overdue_step = signals._end_overdue_step
def end_and_report(*arguments):
    end_overdue_step(*arguments)
    os.write(1, b"not overdue\\n")  # Without the lock of `print`.
signals._end_overdue_step = end_and_report
def ready():
    print("ready", flush=True)
def wait():
    while not signals.pending():
        os.sched_yield()
def block():
    while True:
        signal.pause()
with signals.handled("toy"):
{body}
"""
NOT_DEFERRED = """
    ready()
    block()
"""
WAITS_FOR_SIGNAL = """
    with signals.deferred():
        ready()
        wait()
        print("saved", signals.pending())
"""
ENDLESS_SAVE = """
    with signals.deferred():
        ready()
        wait()
        ready()
        block()
"""
# It ends when the standard input does.
SLOW_SAVE = ENDLESS_SAVE.replace("block()", "sys.stdin.read()")
SLOW_STEP = """
    with signals.deferred():
        ready()
        block()
"""
LATE_SIGNAL = """
    with signals.deferred():
        ready()
        while signals._waiting is None:
            os.sched_yield()
    block()
"""
# The pipe is full before the standard error says so.
UNREAD_OUTPUT = """
    ready()
    os.set_blocking(1, False)
    try:
        while True:
            os.write(1, b"x")
    except BlockingIOError:
        os.set_blocking(1, True)
    sys.stdout.write("x")
    print("full", file=sys.stderr, flush=True)
    sys.stdout.flush()
"""


@pytest.fixture
def start(request):
    """Returns a function that starts a body and waits until it is ready.

    A process that does not end is killed after a minute.
    """
    started = []

    def run(body, grace=50):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(body=body, grace=grace)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
            cwd=request.config.rootpath,
        )
        limit = threading.Timer(60, process.kill)
        limit.start()
        started.append((process, limit))
        assert process.stdout.readline() == "ready\n"
        return process

    yield run
    for process, limit in started:
        limit.cancel()
        process.kill()
        process.communicate()


CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_ends_code_that_does_not_defer_it(start, number, code):
    process = start(NOT_DEFERRED)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == code
    assert err == f"toy: stopped by {number.name}.\n"


@pytest.mark.parametrize(("number", "code"), CODES)
def test_code_can_handle_a_deferred_signal(start, number, code):
    process = start(WAITS_FOR_SIGNAL)
    process.send_signal(number)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (0, f"saved {int(number)}\n", "")


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_sigint_ends_at_once(start, first):
    process = start(ENDLESS_SAVE)
    process.send_signal(first)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130


def test_a_second_sigterm_does_not_interrupt_saving(start):
    process = start(WAITS_FOR_SIGNAL)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate()
    assert (process.returncode, out) == (0, "saved 15\n")


def test_a_slow_step_is_abandoned(start):
    process = start(SLOW_STEP, grace=0.1)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 143
    assert "the last checkpoint counts" in err


def test_a_slow_save_is_not_abandoned(start):
    process = start(SLOW_SAVE, grace=0.1)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "ready\n"
    assert process.stdout.readline() == "not overdue\n"
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_after_the_last_check_ends_the_process(start, number, code):
    process = start(LATE_SIGNAL)
    process.send_signal(number)
    process.communicate()
    assert process.returncode == code


def test_ends_even_if_nobody_reads_its_output(start):
    process = start(UNREAD_OUTPUT)
    assert process.stderr.readline() == "full\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 143
