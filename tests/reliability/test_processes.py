"""Whole runs in separate processes: killed, stopped, out of disk space.

They are slow, and test only what a test within one process cannot show.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
import tensorflow as tf

from common.training.checkpoints import Checkpoints

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).parents[2]
NO_SIGNAL = ("SIGKILL", "no.function", "0")


def command(folder, *words, interruption=NO_SIGNAL):
    return [
        *(
            sys.executable,
            "-m",
            "tests.reliability.driver",
            *interruption,
            *words,
        ),
        *(f"--run_dir={folder}/run", f"--saved_models={folder}/saved_models"),
    ]


def start(folder, *words, interruption=NO_SIGNAL):
    """Starts a command; without words, all commands in order."""
    return subprocess.Popen(
        command(folder, *words, interruption=interruption),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Background jobs of a shell ignore SIGINT, and so would children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finish(folder, *words):
    """Runs to the end, and returns the standard error output."""
    process = start(folder, *words)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return err


def final(folder):
    """Returns everything that a run leaves, except times."""
    run = folder / "run"
    progress, arrays = Checkpoints(run / "checkpoints").load()
    progress["seconds"] = None
    for row in progress["history"]:
        row["seconds"] = None
    rows = (run / "history.csv").read_text().splitlines()
    metrics = json.loads((run / "metrics.json").read_text())
    (version,) = (folder / "saved_models" / "sentiment").iterdir()
    served = tf.saved_model.load(version)
    answers = served.signatures["serving_default"](
        text=tf.constant(["A dull plot, but charming.", "Touching."])
    )
    return {
        "progress": progress,
        "arrays": [array.tobytes() for array in arrays],
        "history": [row.split(",")[:1] + row.split(",")[2:] for row in rows],
        "metrics": {**metrics, "seconds": None},
        "model": (run / "model.keras").read_bytes(),
        "answers": answers["positive"].numpy().tolist(),
    }


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Returns the results of an uninterrupted run, and its duration."""
    folder = tmp_path_factory.mktemp("whole")
    begin = time.monotonic()
    finish(folder)
    return final(folder), time.monotonic() - begin


def test_a_run_killed_at_twenty_random_moments_ends_with_the_same_bits(
    uninterrupted, tmp_path
):
    expected, seconds = uninterrupted
    moments = random.Random(0)

    def kill_and_finish(number, moment):
        folder = tmp_path / str(number)
        process = start(folder)
        try:
            process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if not (folder / "saved_models" / "sentiment" / "1").exists():
            finish(folder)
        return final(folder)

    delays = [moments.uniform(0, seconds) for _ in range(20)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for actual in pool.map(kill_and_finish, range(20), delays):
            assert actual == expected


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("common.training.state.State.save", 4),
        # With the last batch of an epoch.
        ("common.training.state.State.save", 10),
        ("common.training.progress.Display.epoch", 2),
        ("common.training.loop.Loop._validate", 2),
        ("os.rename", 20),
        ("tensorflow.saved_model.save", 1),
    ],
    ids=[
        "within an epoch",
        "last batch",
        "between epochs",
        "validation",
        "save",
        "export",
    ],
)
def test_a_run_killed_at_any_point_ends_with_the_same_bits(
    uninterrupted, tmp_path, name, number
):
    process = start(tmp_path, interruption=("SIGKILL", name, str(number)))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    finish(tmp_path)
    assert final(tmp_path) == uninterrupted[0]


PHASES = {
    "loading": ("apps.sentiment.data.sample.reviews", 1),
    "building": ("common.training.trainer._build", 1),
    "training": ("common.training.state.State.save", 4),
    "validation": ("common.training.loop.Loop._validate", 2),
    "saving": ("os.rename", 20),
    "finishing": ("common.training.model_file.save", 1),
    "evaluation": ("common.data.batching.predictions", 1),
    "export": ("tensorflow.saved_model.save", 1),
}


CODES = {"SIGTERM": 143, "SIGINT": 130, "SIGHUP": 129}


@pytest.mark.parametrize("name_of_signal", CODES)
@pytest.mark.parametrize("phase", PHASES)
def test_a_run_stopped_in_any_phase_ends_with_the_same_bits(
    uninterrupted, tmp_path, phase, name_of_signal
):
    name, number = PHASES[phase]
    process = start(tmp_path, interruption=(name_of_signal, name, str(number)))
    _, err = process.communicate()
    assert process.returncode == CODES[name_of_signal]
    assert "Traceback" not in err
    assert "sentiment: stopped" in err
    finish(tmp_path)
    assert final(tmp_path) == uninterrupted[0]


def test_a_run_whose_output_is_closed_saves_first(uninterrupted, tmp_path):
    process = start(tmp_path)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 1
    err = process.stderr.read()
    assert "sentiment: Standard output was closed: stopped in" in err
    finish(tmp_path)
    assert final(tmp_path) == uninterrupted[0]


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 0.75, 0.99])
def test_a_truncated_checkpoint_costs_one_interval(
    uninterrupted, tmp_path, share
):
    interruption = ("SIGKILL", "common.training.state.State.save", "8")
    start(tmp_path, interruption=interruption).communicate()
    folder = tmp_path / "run" / "checkpoints"
    assert len(list(folder.iterdir())) == 2
    last = max(folder.iterdir())
    content = last.read_bytes()
    last.write_bytes(content[: int(share * len(content))])
    err = finish(tmp_path)
    assert f"{last}: broken" in err
    assert final(tmp_path) == uninterrupted[0]


def test_concurrent_processes_do_not_share_a_run(tmp_path):
    processes = [start(tmp_path, "train") for _ in range(2)]
    errors = [process.communicate()[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert sorted(codes) == [0, 1]
    winner, loser = sorted(range(2), key=lambda i: codes[i])
    assert f"in use by process {processes[winner].pid}" in errors[loser]


def in_small_disk(folder, script):
    """Runs a shell script with a file system of 1 MiB mounted at `folder`."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare")
    script = f"mount -t tmpfs -o size=1m none {folder} && {script}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"no mount here: {done.stderr}")
    return done


# Prints whether a checkpoint is intact, and how many are.
COUNT = """
import pathlib, sys
from common.training.checkpoints import Checkpoints
checkpoints = Checkpoints(pathlib.Path(sys.argv[1]))
print("intact", checkpoints.load() is not None, len(checkpoints._good))
"""


def test_a_full_disk_ends_the_run_with_one_line(tmp_path):
    run = " ".join(command(tmp_path, "train"))
    count = f"{sys.executable} -c '{COUNT}' {tmp_path}/run/checkpoints"
    fill = f"dd if=/dev/zero of={tmp_path}/other bs=1k count=200 2>/dev/null"
    done = in_small_disk(tmp_path, f"{fill}; {run}; echo code $?; {count}")
    assert "code 1" in done.stdout
    assert "cannot be written (No space left on device)" in done.stderr
    assert "Traceback" not in done.stderr
    assert "intact True 2" in done.stdout


def test_a_disk_that_becomes_read_only_ends_the_run_with_one_line(tmp_path):
    interruption = ("SIGKILL", "common.training.state.State.save", "8")
    killed = " ".join(command(tmp_path, "train", interruption=interruption))
    again = " ".join(command(tmp_path, "train"))
    count = f"{sys.executable} -c '{COUNT}' {tmp_path}/run/checkpoints"
    done = in_small_disk(
        tmp_path,
        f"{{ {killed}; mount -o remount,ro {tmp_path}; {again}; "
        f"echo code $?; {count}; }}",
    )
    assert "code 1" in done.stdout
    assert "cannot be written (Read-only file system)" in done.stderr
    assert "Traceback" not in done.stderr
    assert "intact True 2" in done.stdout


def test_a_folder_that_becomes_read_only_ends_the_run_with_one_line(tmp_path):
    user = []
    if os.getuid() == 0:  # Root may write everywhere; drop that capability.
        user = ["setpriv", "--bounding-set=-dac_override"]
        if not shutil.which(user[0]):
            pytest.skip("needs setpriv, or a user that is not root")
    interruption = ("SIGSTOP", "common.training.state.State.save", "3")
    process = subprocess.Popen(
        [*user, *command(tmp_path, "train", interruption=interruption)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    checkpoints = tmp_path / "run" / "checkpoints"
    checkpoints.chmod(0o555)
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate()
    checkpoints.chmod(0o755)
    assert process.returncode == 1
    assert "cannot be written (Permission denied)" in err
    assert "Traceback" not in err
    assert Checkpoints(checkpoints).load()
