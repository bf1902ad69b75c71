"""Files and folders that appear complete or not at all."""

import contextlib
import csv
import io
import json
import math
import os
import pathlib
import shutil
import tempfile
import typing
from collections.abc import Iterator
from typing import Any

from common.errors import UserError

_in_use: set[pathlib.Path] = set()  # Temporary folders of this process.


@contextlib.contextmanager
def written_beside(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yields a temporary path, which is renamed to `path` at the end.

    The old file or folder stays until the new one is complete and on disk. If
    the body raises, nothing changes.

    Raises:
      UserError: The disk is full, the folder cannot be written, or `path` is
        an existing folder.
    """
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        # A new folder with an unpredictable name: no link of another user is
        # followed, and nothing that a killed process left is published.
        folder = pathlib.Path(
            tempfile.mkdtemp(dir=path.parent, prefix=f".partial-{os.getpid()}-")
        )
        _in_use.add(folder)
        try:
            beside = folder / path.name
            yield beside
            _flush(beside)
            os.rename(beside, path)
            _flush(path.parent, recursive=False)
        finally:
            _remove(folder)
            _in_use.discard(folder)


@contextlib.contextmanager
def writable(path: pathlib.Path) -> Iterator[None]:
    """Converts an error of the operating system into a UserError.

    Args:
      path: The file or folder that is written.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}): free some "
            "space, check the permissions, or choose another folder."
        ) from error


def _flush(path, recursive=True):
    """Flushes `path` and everything below it to the disk."""
    if recursive and path.is_dir():
        for child in path.iterdir():
            _flush(child)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path):
    # The next writer removes what cannot be removed now.
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _remove_leftovers(folder):
    """Removes what killed processes did not finish."""
    for leftover in folder.glob(".partial-*"):
        number = leftover.name.split("-")[1]
        if number.isdecimal() and not _is_written(leftover, int(number)):
            _remove(leftover)


def _is_written(leftover, process):
    """Returns whether a process is still writing."""
    if process == os.getpid():  # Perhaps of a process that had this number.
        return leftover in _in_use
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # It is alive and belongs to another user.
    return True


def write_bytes(path: pathlib.Path, content: bytes) -> None:
    """Writes `content`."""
    with written_beside(path) as beside:
        beside.write_bytes(content)


def write_text(path: pathlib.Path, text: str) -> None:
    """Writes `text` as UTF-8."""
    write_bytes(path, text.encode("utf-8"))


def json_text(values: dict) -> str:
    """Returns indented JSON."""
    return (
        json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )


def write_json(path: pathlib.Path, values: dict) -> None:
    """Writes `values` as JSON."""
    write_text(path, json_text(values))


def read_json(path: pathlib.Path) -> dict:
    """Returns the object in a JSON file.

    Raises:
      UserError: It is not valid JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(
            f"{path} is not a JSON file ({error}): remove it, or train again "
            "with --fresh."
        ) from error


def write_csv(path: pathlib.Path, rows: list[dict]) -> None:
    """Writes rows with the same keys below a header.

    A text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: _harmless(value) for key, value in row.items()} for row in rows
    )
    write_text(path, text.getvalue())


def _harmless(cell):
    is_formula = isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r"))
    return f"'{cell}" if is_formula else cell


def conforms(value: Any, hint: Any) -> bool:
    """Returns whether a value of a JSON file has a type.

    Args:
      value: The value.
      hint: str, bool, int, float (finite, or an integer), a list or dict of
        these with their types, or one without.
    """
    kind, parts = typing.get_origin(hint) or hint, typing.get_args(hint)
    if kind is float:
        is_number = isinstance(value, int | float)
        return is_number and type(value) is not bool and math.isfinite(value)
    if not isinstance(value, kind) or (kind is int and type(value) is bool):
        return False
    if parts and kind is list:
        return all(conforms(entry, parts[0]) for entry in value)
    if parts and kind is dict:
        return all(
            conforms(key, parts[0]) and conforms(entry, parts[1])
            for key, entry in value.items()
        )
    return True


def read_csv(path: pathlib.Path, *columns: str) -> list[dict[str, float]]:
    """Returns the rows below the header, as numbers.

    Args:
      path: The file.
      *columns: Names that the header must have.

    Raises:
      UserError: There is no row, a column is missing, or a value is not a
        number.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                {key: float(value) for key, value in row.items()}
                for row in csv.DictReader(file)
            ]
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{path} is broken: train again with --fresh."
        ) from error
    if not rows:
        raise UserError(f"{path} is empty: train again with --fresh.")
    for column in columns:
        if column not in rows[0]:
            raise UserError(
                f"{path} has no column {column!r}: train again with --fresh."
            )
    return rows
