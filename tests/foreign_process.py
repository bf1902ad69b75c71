"""A process that has TensorFlow, and neither Keras nor this project."""

import json
import pathlib
import subprocess
import sys

# TensorFlow would import Keras, where it is installed.
LOOP = """
import contextlib, io, json, os, sys, traceback
sys.modules["keras"] = None
import tensorflow
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    job, output, error = json.loads(line), io.StringIO(), None
    os.chdir(job["folder"])
    sys.argv = ["-c", *job["arguments"]]
    try:
        with contextlib.redirect_stdout(output):
            exec(job["code"], {"__name__": "__main__"})
        own = {name.split(".")[0] for name in sys.modules} & {"apps", "common"}
        assert not own, own
    except BaseException:
        error = traceback.format_exc()
    print(json.dumps([output.getvalue(), error]), file=answers, flush=True)
"""


class ForeignProcess:
    """Runs code elsewhere; started once, because TensorFlow takes seconds.

    Args:
      folder: Where the process starts: not the folder of this project.
    """

    def __init__(self, folder: pathlib.Path):
        self._process = subprocess.Popen(
            [sys.executable, "-c", LOOP],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, code: str, *arguments, folder: pathlib.Path) -> str:
        """Runs code and returns its output.

        Args:
          code: Python; it reads its arguments from `sys.argv`.
          *arguments: Texts or paths.
          folder: In which the code runs.

        Raises:
          AssertionError: The code raised an error, or imported this project.
        """
        job = {
            "code": code,
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder),
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        output, error = json.loads(self._process.stdout.readline())
        if error:
            raise AssertionError(error)
        return output

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()
