"""Exit codes and messages where standard streams are closed or full."""

import pathlib
import shlex
import subprocess
import sys

import pytest

APP = f"{shlex.quote(sys.executable)} -m apps.sentiment"
HELP = f"{APP} --help"


def run(command, tmp_path):
    """Returns exit code and standard error of a command in a shell."""
    done = subprocess.run(
        # The exit code is that of the program, not of what reads its output.
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=pathlib.Path(__file__).parents[3],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (f"{HELP} >/dev/full", 1, "sentiment: No space left on device. Check"),
        (f"{HELP} | true", 1, ""),
        (f"{HELP} >&-", 0, ""),
        (f"{HELP} 2>&-", 0, ""),
        (f"{HELP} <&-", 0, ""),
        (f"PYTHONIOENCODING=ascii {HELP}", 0, ""),
        (f"LC_ALL=C PYTHONUTF8=0 {HELP}", 0, ""),
        (f"env -u HOME {HELP}", 0, ""),
        pytest.param(
            f"KERAS_BACKEND=jax {APP} predict a --run_dir=/no",
            1,
            "No model at",
            marks=pytest.mark.slow,
        ),
        (f"{HELP}=maybe >/dev/full", 2, "sentiment: flag --help=maybe"),
        (f"{HELP} --run_dir=$'\\xff'", 2, "--run_dir=b'\\xff' is not UTF-8"),
    ],
)
def test_the_exit_code_is_the_documented_one(tmp_path, command, code, message):
    actual, error = run(command, tmp_path)
    assert actual == code
    assert error.startswith(message) or message in error
    assert error.count("\n") == bool(message)
