"""Every app, killed in every phase, ends with the same bits."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.apps import test_contract

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).parents[2]
# Before which call of which function the process is killed, one after the
# other; each start resumes the run of the one before.
KILLS = [
    ("common.training.state.State.save", 4),
    ("common.training.loop.Loop._validate", 1),
    ("common.training.model_file.save", 1),
    ("common.evaluation.bootstrap.interval", 1),
    ("tensorflow.saved_model.save", 1),
]


def run(app, folder, name="no.function", number=0):
    """Runs all commands; returns the exit code and standard error."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.reliability.every_app", app),
            *("SIGKILL", name, str(number), str(folder)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def results(folder, app):
    """Returns the results of a run, without times."""
    metrics = json.loads((folder / "run" / "metrics.json").read_text())
    history = (folder / "run" / "history.csv").read_text().splitlines()
    exported = folder / "models" / app / "1" / "variables" / "variables"
    return {
        "model": (folder / "run" / "model.keras").read_bytes(),
        "metrics": {**metrics, "seconds": None},
        "history": [row.split(",")[:1] + row.split(",")[2:] for row in history],
        "exported": weights(exported),
    }


def weights(checkpoint):
    """Returns the bytes of the exported variables by name."""
    reader = tf.train.load_checkpoint(checkpoint)
    return {
        name: np.asarray(reader.get_tensor(name)).tobytes()
        for name in reader.get_variable_to_shape_map()
        if not name.startswith("_")  # The graph of objects has no fixed order.
    }


@pytest.mark.parametrize(
    "app", [app_class.name for app_class in test_contract.app_classes()]
)
def test_killed_in_every_phase_it_ends_with_the_same_bits(tmp_path, app):
    assert run(app, tmp_path / "whole")[0] == 0
    for name, number in KILLS:
        code, err = run(app, tmp_path / "killed", name, number)
        assert code == -9, err
    assert run(app, tmp_path / "killed")[0] == 0
    whole, killed = (
        results(tmp_path / name, app) for name in ("whole", "killed")
    )
    assert killed == whole
