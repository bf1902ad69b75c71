"""Data sets as published, packed or not, read in place and with distrust.

Nothing is unpacked to the disk. What could lead out of an archive or a folder
is refused, and so is what is far larger unpacked than any text or image.
"""

import contextlib
import gzip
import pathlib
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from common.errors import UserError

RATIO = 100  # Unpacked by packed size that is believed; text has 3 to 10.
SMALL = 64 * 2**20  # Bytes that are believed of any archive.


def read_members(
    path: pathlib.Path, pattern: str
) -> Iterator[tuple[re.Match, bytes]]:
    """Yields the files below a folder or in an archive, without unpacking.

    Args:
      path: a folder, or a .tar, .tar.gz, .tgz or .zip file.
      pattern: regular expression for the whole name inside `path`, with `/`
        between its parts; other files are passed over.

    Yields:
      The match of the name, and the bytes of the file. Links in an archive
      are passed over.

    Raises:
      UserError: the archive is broken or cut short, holds a device or a name
        that leads out of it, or swells when it is unpacked; the folder holds
        a link that leads out of it.
    """
    with _distrusted(path):
        if path.is_dir():
            yield from _read_folder(path, pattern)
        elif path.suffix == ".zip":
            yield from _read_zip(path, pattern)
        else:
            yield from _read_tar(path, pattern)


def read_file(path: pathlib.Path) -> bytes:
    """Returns the bytes of a file, unpacked if its name ends in .gz.

    Raises:
      UserError: it cannot be read, is broken, or swells when it is unpacked.
    """
    with _distrusted(path):
        if path.suffix != ".gz":
            return path.read_bytes()
        with gzip.open(path, "rb") as file:
            stream = _Bounded(file, path)
            return b"".join(iter(lambda: stream.read(1 << 20), b""))


@contextlib.contextmanager
def _distrusted(path):
    """Tells the user of what is wrong with a file or an archive."""
    try:
        yield
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        RuntimeError,  # Of zipfile: encrypted, or packed in an unknown way.
        ValueError,  # Of tarfile, too: numbers in its headers that are none.
        gzip.BadGzipFile,
        EOFError,
        zlib.error,
    ) as error:
        raise UserError(
            f"{path} is broken or cut short ({error}): fetch it again."
        ) from error
    except OSError as error:
        raise UserError(
            f"{error.filename or path} cannot be read: "
            f"{error.strerror or error}."
        ) from error


def _read_folder(path, pattern):
    root = path.resolve()
    for file in sorted(path.rglob("*")):
        match = re.fullmatch(pattern, file.relative_to(path).as_posix())
        if match and file.is_file():
            if not file.resolve().is_relative_to(root):
                raise UserError(
                    f"{file} leads out of {path}: put the file itself there, "
                    "or remove the link."
                )
            yield match, file.read_bytes()


def _read_zip(path, pattern):
    # zipfile reads no more of a member than the archive says, and checks it.
    with zipfile.ZipFile(path) as archive:
        left = _Bounded(None, path)
        for member in archive.infolist():
            _refuse_danger(member.filename, path)
            match = re.fullmatch(pattern, member.filename)
            if match and not member.is_dir():
                left.expect(member.file_size)
                yield match, archive.read(member)


def _read_tar(path, pattern):
    # tarfile alone takes an archive that is cut short for its end; gzip knows
    # length and checksum, provided that it is read to the end.
    opened = gzip.open if path.name.endswith("gz") else open
    with opened(path, "rb") as file:
        stream = _Bounded(file, path)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                _refuse_danger(member.name, path, member.isdev())
                match = re.fullmatch(pattern, member.name)
                if match and member.isfile():
                    stream.expect(member.size)
                    yield match, archive.extractfile(member).read()
        while stream.read(1 << 20):
            pass


def _refuse_danger(name, path, is_device=False):
    parts = pathlib.PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        problem = "its name leads out of the archive"
    elif is_device:
        problem = "it is a device"
    else:
        return
    raise UserError(
        f"{path} is refused: of {name!r}, {problem}. Fetch the archive "
        "from its publisher."
    )


class _Bounded:
    """A stream that refuses to give more than an honest archive holds."""

    def __init__(self, file, path):
        self.file, self.path = file, path
        self.left = max(SMALL, RATIO * path.stat().st_size)
        self.sparse_left = self.left

    def read(self, size):
        content = self.file.read(size)
        self.left -= len(content)
        self._refuse_swelling(self.left)
        return content

    def expect(self, size):
        """Counts a member, whose holes are not in the stream."""
        self.sparse_left -= size
        self._refuse_swelling(self.sparse_left)

    def _refuse_swelling(self, left):
        if left < 0:
            raise UserError(
                f"{self.path} is refused: unpacked it is more than {RATIO} "
                "times as large. Fetch the archive from its publisher."
            )
