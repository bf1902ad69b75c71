"""Published data sets, packed or unpacked, read in place as untrusted input.

Nothing is unpacked to the disk. Paths that lead out of an archive or a folder
are refused, and so are decompression bombs.
"""

import contextlib
import gzip
import pathlib
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from common.errors import UserError

# Of an extended header, which holds long names; Python's tarfile before 3.11.10
# reads larger ones in quadratic time.
MAX_HEADER = 8192
MAX_RATIO = 100  # Of unpacked to packed size; that of text is 3 to 10.
# What zip files may use; LZMA may ask for 4 GB.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
ALWAYS_ALLOWED = 64 * 2**20  # Unpacked bytes, whatever the ratio.


def read_members(
    path: pathlib.Path, pattern: str
) -> Iterator[tuple[re.Match, bytes]]:
    """Yields the files in a folder or an archive, without unpacking to disk.

    Args:
      path: A folder, or a .tar, .tar.gz, .tgz or .zip file.
      pattern: Regular expression for the whole name inside `path`, with `/`
        as separator; other files are skipped.

    Yields:
      The match of the name, and the bytes of the file. Links in an archive
      are skipped.

    Raises:
      UserError: The archive is broken or truncated, contains a device or a
        path that leads out of it, or is a decompression bomb; the folder
        contains a link that leads out of it.
    """
    with _user_errors(path):
        if path.is_dir():
            yield from _read_folder(path, pattern)
        elif path.suffix == ".zip":
            yield from _read_zip(path, pattern)
        else:
            yield from _read_tar(path, pattern)


def read_file(path: pathlib.Path) -> bytes:
    """Returns the bytes of a file, decompressed if it begins as gzip does.

    Args:
      path: The file.

    Raises:
      UserError: The file cannot be read, is broken, or is a decompression
        bomb.
    """
    with _user_errors(path):
        with path.open("rb") as file:
            if file.read(2) != b"\x1f\x8b":
                file.seek(0)
                return file.read()
        with gzip.open(path, "rb") as file:
            stream = _LimitedStream(file, path)
            return b"".join(iter(lambda: stream.read(1 << 20), b""))


@contextlib.contextmanager
def _user_errors(path):
    """Turns the errors of reading a file or an archive into a UserError."""
    try:
        yield
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        RuntimeError,  # zipfile: encrypted, or an unknown compression method.
        ValueError,  # Also tarfile: invalid numbers in a header.
        gzip.BadGzipFile,
        EOFError,
        zlib.error,
    ) as error:
        raise UserError(
            f"{path} is broken or truncated ({error}): download it again."
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
                    f"{file} leads out of {path}: replace the link by the "
                    "file itself, or remove it."
                )
            yield match, file.read_bytes()


def _read_zip(path, pattern):
    # zipfile reads at most the declared size of a member, and checks it.
    with zipfile.ZipFile(path) as archive:
        limit = _LimitedStream(None, path)
        for member in archive.infolist():
            _refuse_danger(member.filename, path)
            match = re.fullmatch(pattern, member.filename)
            if match and not member.is_dir():
                if member.compress_type not in COMPRESSIONS:
                    raise ValueError(f"{member.filename!r} is not deflated")
                if stat.S_ISLNK(member.external_attr >> 16):
                    continue
                limit.expect(member.file_size)
                yield match, archive.read(member)


def _read_tar(path, pattern):
    # tarfile mistakes the end of a truncated archive for its regular end; gzip
    # checks length and checksum if it is read to the end.
    open_file = gzip.open if path.name.endswith("gz") else open
    with open_file(path, "rb") as file:
        stream = _LimitedStream(file, path)
        with tarfile.open(
            fileobj=stream, mode="r|", tarinfo=_Member
        ) as archive:
            for member in archive:
                _refuse_danger(member.name, path, member.isdev())
                if member.size < 0:  # Of a sparse member.
                    raise ValueError(f"a member of {member.size:,} bytes")
                match = re.fullmatch(pattern, member.name)
                if match and member.isfile():
                    stream.expect(member.size)
                    yield match, archive.extractfile(member).read()
        while stream.read(1 << 20):
            pass


class _Member(tarfile.TarInfo):
    """A member of an archive whose headers are bounded."""

    @classmethod
    def frombuf(cls, buf, encoding, errors):
        """Returns a member; refuses negative sizes and large headers."""
        member = super().frombuf(buf, encoding, errors)
        is_header = member.type in b"xgXLK"
        if member.size < 0 or (is_header and member.size > MAX_HEADER):
            raise ValueError(f"a header of {member.size:,} bytes")
        return member


def _refuse_danger(name, path, is_device=False):
    parts = pathlib.PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts:
        problem = "its name leads out of the archive"
    elif is_device:
        problem = "it is a device"
    else:
        return
    raise UserError(
        f"{path} contains {name!r}, which is not safe: {problem}. Download "
        "the archive from its publisher."
    )


class _LimitedStream:
    """A stream that fails where a decompression bomb is read."""

    def __init__(self, file, path):
        self.file, self.path = file, path
        self.left = max(ALWAYS_ALLOWED, MAX_RATIO * path.stat().st_size)
        self.declared_left = self.left

    def read(self, size):
        content = self.file.read(size)
        self.left -= len(content)
        self._refuse_bomb(self.left)
        return content

    def expect(self, size):
        """Counts the declared size of a member; a sparse one has holes."""
        self.declared_left -= size
        self._refuse_bomb(self.declared_left)

    def _refuse_bomb(self, left):
        if left < 0:
            raise UserError(
                f"{self.path} may be a decompression bomb: unpacked, it is "
                f"more than {MAX_RATIO} times as large. Download the archive "
                "from its publisher."
            )
