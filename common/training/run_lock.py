"""One process at a time for a folder."""

import contextlib
import fcntl
import os
import pathlib
import re
from collections.abc import Iterator

from common import files
from common.errors import UserError


@contextlib.contextmanager
def held(folder: pathlib.Path) -> Iterator[None]:
    """Locks `folder` for this process; removes it if it is empty at the end.

    The operating system drops the lock of a process that ends in any way: a
    file `.lock` that was left over blocks nobody.

    Raises:
      UserError: Another process holds the lock, or it cannot be written, or
        `.lock` is a link or a file of the user's.
    """
    path = folder / ".lock"
    with files.writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = _acquired(path)
    with file:
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # Gone, or read-only by now.
                path.unlink()
                folder.rmdir()


def _acquired(path):
    """Returns the locked file, which holds the id of this process."""
    while True:
        # Another user's link must not name the file that is emptied.
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.fdopen(os.open(path, flags, 0o666), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                break
        except BlockingIOError as error:
            raise UserError(
                f"{path.parent} is in use by process {file.read(20) or '?'}: "
                "wait for it, stop it, or choose another --run_dir."
            ) from error
        except FileNotFoundError:
            pass
        file.close()  # Its owner has just removed it.
    if not re.fullmatch(r"\d*", file.read(21)):
        raise UserError(
            f"{path} is not the lock of a run: move it, or choose another "
            "--run_dir."
        )
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
