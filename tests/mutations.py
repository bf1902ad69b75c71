"""Applies wrong edits that the tests must notice: `make test-mutations`.

    python -m tests.mutations

A copy of the tree gets one edit at a time, and the test named with it must
fail. A test that passes on wrong code proves nothing about right code.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from tests.mutation_list import MUTATIONS
from tests.mutation_list import Mutation

ROOT = pathlib.Path(__file__).parent.parent
COPIED = ("apps", "common", "tests", "setup.cfg", "pyproject.toml")


def copy_tree(folder: pathlib.Path) -> None:
    """Copies what the tests need into a folder."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy2(ROOT / name, folder / name)


def run_tests(folder: pathlib.Path, nodes: list[str]) -> str:
    """Runs tests in a copy of the tree, until one fails.

    Returns:
      The output of pytest if a test fails, or "" if all pass.

    Raises:
      RuntimeError: They did not run, such as after an error of syntax.
    """
    options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *nodes],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{nodes}:\n{done.stdout}{done.stderr}")
    return done.stdout if done.returncode else ""


def is_killed(folder: pathlib.Path, mutation: Mutation) -> bool:
    """Returns whether the test fails in a copy with the edit; undoes it."""
    path = folder / mutation.file
    text, times = path.read_text(), path.stat()
    path.write_text(text.replace(mutation.old, mutation.new))
    try:
        return bool(run_tests(folder, [mutation.node]))
    finally:
        path.write_text(text)
        # Its time of change decides which bytecode is used.
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def main() -> int:
    """Applies all edits, and returns the exit code: 1 if one survives."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        copy_tree(folder)
        nodes = list(dict.fromkeys(m.node for m in MUTATIONS))
        if failure := run_tests(folder, nodes):
            print(f"{failure}\nA test fails without any edit.")
            return 1
        killed = 0
        for mutation in MUTATIONS:
            noticed = is_killed(folder, mutation)
            killed += noticed
            word = "killed" if noticed else "SURVIVED"
            print(f"{word:8} {mutation.file}: {mutation.new}", flush=True)
    print(f"{killed} of {len(MUTATIONS)} killed")
    return int(killed < len(MUTATIONS))


if __name__ == "__main__":
    sys.exit(main())
