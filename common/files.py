"""Files and folders that appear whole or not at all."""

import contextlib
import csv
import io
import json
import os
import pathlib
import shutil
from collections.abc import Iterator

from common.errors import UserError


@contextlib.contextmanager
def written_beside(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yields a name to write a file or folder to, which then becomes `path`.

    What stood at `path` is there until the new file is complete and on the
    disk. If the body raises, nothing changes.

    Raises:
      UserError: the disk is full, the folder cannot be written to, or `path`
        is a folder already.
    """
    # The ending stays, because writers such as Keras look at it.
    beside = path.with_name(f".partial-{os.getpid()}-{path.name}")
    with writable(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(path)
            yield beside
            _flush(beside)
            os.rename(beside, path)
            _flush(path.parent, recursive=False)
        finally:
            _remove(beside)


@contextlib.contextmanager
def writable(path: pathlib.Path) -> Iterator[None]:
    """Turns an error of the operating system within into a UserError.

    Args:
      path: what is being written.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}): make "
            "room, allow writing there, or choose another folder."
        ) from error


def _flush(path, recursive=True):
    """Asks the operating system to put `path` and all below it on the disk."""
    if recursive and path.is_dir():
        for child in path.iterdir():
            _flush(child)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path):
    # What cannot be removed now, the next writer removes.
    with contextlib.suppress(OSError):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _remove_leftovers(path):
    """Removes what processes that were killed had begun to write."""
    for leftover in path.parent.glob(f".partial-*-{path.name}"):
        try:
            os.kill(int(leftover.name.split("-")[1]), 0)
        except ProcessLookupError:
            _remove(leftover)
        except PermissionError:
            pass  # It lives, and is somebody else's.


def write_bytes(path: pathlib.Path, content: bytes) -> None:
    """Writes `content`."""
    with written_beside(path) as beside:
        beside.write_bytes(content)


def write_text(path: pathlib.Path, text: str) -> None:
    """Writes `text` as UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def json_text(values: dict) -> str:
    """Returns `values` for people and programs to read."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def write_json(path: pathlib.Path, values: dict) -> None:
    """Writes `values` as `json_text` returns them."""
    write_text(path, json_text(values))


def read_json(path: pathlib.Path) -> dict:
    """Returns the object that `path` holds.

    Raises:
      UserError: it holds none.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(
            f"{path} is no JSON file ({error}): remove it, or train anew "
            "with --fresh."
        ) from error


def write_csv(path: pathlib.Path, rows: list[dict]) -> None:
    """Writes `rows`, which have the same keys, below a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def read_csv(path: pathlib.Path) -> list[dict[str, float]]:
    """Returns the rows below the header, as numbers.

    Raises:
      UserError: there is no row, or one is not of numbers.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                {key: float(value) for key, value in row.items()}
                for row in csv.DictReader(file)
            ]
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{path} is broken: train anew with --fresh."
        ) from error
    if not rows:
        raise UserError(f"{path} is empty: train anew with --fresh.")
    return rows
