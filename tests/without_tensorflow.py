"""A process that refuses to import TensorFlow, Keras and this project."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
RUN = """
import os, runpy, sys

class Refuse:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "apps", "common"):
            raise ImportError(f"{name} is refused")

sys.meta_path.insert(0, Refuse)
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(script: pathlib.Path, *arguments) -> str:
    """Runs a script elsewhere, and returns its output."""
    command = [sys.executable, "-c", RUN, script, *arguments]
    done = subprocess.run(
        [str(word) for word in command],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
