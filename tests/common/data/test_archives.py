"""Archives are read in place, and malicious ones are refused."""

import gzip
import io
import pathlib
import stat
import tarfile
import zipfile

import pytest

from common.data import archives
from common.errors import UserError


@pytest.fixture
def archive(tmp_path):
    """Returns a tar.gz with two plain files, a link out, and a folder."""
    path = tmp_path / "set.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in (("set/a.txt", b"A" * 9999), ("set/b.txt", b"B")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("set/link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def members(path):
    files = archives.read_members(path, r"(?:set/)?(\w+)\.txt")
    return {match[1]: content for match, content in files}


def test_an_archive_and_its_folder_read_the_same(archive, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"A" * 9999)
    (folder / "b.txt").write_bytes(b"B")
    (folder / "c.md").write_bytes(b"C")
    assert members(archive) == members(folder) == {"a": b"A" * 9999, "b": b"B"}


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99])
def test_the_error_names_a_truncated_archive(archive, share):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"set\.tar\.gz is broken"):
        members(archive)


def test_the_error_names_a_corrupt_archive(archive):
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    for broken in (b"not an archive", bytes(content)):
        archive.write_bytes(broken)
        with pytest.raises(UserError, match=r"set\.tar\.gz is broken"):
            members(archive)


def test_the_error_names_a_missing_folder(tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        members(tmp_path / "nowhere")


def packed(path, *members, mode="w:gz"):
    """Writes members (name, type, content) to a tar file."""
    with tarfile.open(path, mode) as tar:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(content)
            info.linkname = "/etc/passwd" if kind in b"12" else ""
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["../a.txt", "set/../../a.txt", "/tmp/a.txt"])
def test_a_path_that_leads_out_of_the_archive_is_refused(tmp_path, name):
    path = packed(tmp_path / "set.tar.gz", (name, tarfile.REGTYPE, b"A"))
    with pytest.raises(UserError, match="leads out of the archive"):
        members(path)


@pytest.mark.parametrize(
    "kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_a_device_is_refused(tmp_path, kind):
    path = packed(tmp_path / "set.tar.gz", ("set/a.txt", kind, b""))
    with pytest.raises(UserError, match="it is a device"):
        members(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_in_an_archive_is_not_followed(tmp_path, kind):
    path = packed(tmp_path / "set.tar.gz", ("set/a.txt", kind, b""))
    assert members(path) == {}


def test_a_link_that_leads_out_of_a_folder_is_refused(tmp_path):
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.txt").write_text("A")
    (folder / "b.txt").symlink_to("a.txt")
    assert members(folder) == {"a": b"A", "b": b"A"}
    (folder / "c.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(UserError, match="c.txt leads out of"):
        members(folder)


@pytest.fixture
def low_limit(monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 1 << 16)


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("name", ["a.txt", "skipped.md"])
def test_a_decompression_bomb_is_refused(tmp_path, name):
    path = packed(
        tmp_path / "set.tar.gz", (name, tarfile.REGTYPE, bytes(1 << 21))
    )
    assert path.stat().st_size < 1 << 13
    with pytest.raises(UserError, match="more than 100 times as large"):
        members(path)


@pytest.mark.usefixtures("low_limit")
def test_a_bomb_after_the_end_of_the_archive_is_refused(tmp_path):
    path = packed(
        tmp_path / "set.tar", ("a.txt", tarfile.REGTYPE, b"A"), mode="w"
    )
    content = path.read_bytes() + bytes(1 << 21)
    path = tmp_path / "set.tar.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(UserError, match="more than 100 times as large"):
        members(path)


@pytest.mark.usefixtures("low_limit")
def test_the_declared_size_of_a_sparse_member_is_counted(tmp_path):
    path = tmp_path / "set.tar"
    header = tarfile.TarInfo("a.txt").tobuf(tarfile.GNU_FORMAT)
    sparse = bytearray(header)
    sparse[156:157] = (
        b"S"  # The type of GNU tar; then the real size, without data.
    )
    sparse[483:495] = b"%011o\0" % (1 << 21)
    sparse[148:156] = b" " * 8
    sparse[148:156] = b"%06o\0 " % sum(sparse)
    path.write_bytes(bytes(sparse) + bytes(1024))
    with pytest.raises(UserError, match="more than 100 times as large"):
        members(path)


@pytest.mark.usefixtures("low_limit")
def test_an_ordinary_archive_of_any_size_is_read(tmp_path):
    content = bytes(range(256)) * (1 << 13)
    path = packed(
        tmp_path / "set.tar", ("a.txt", tarfile.REGTYPE, content), mode="w"
    )
    assert members(path) == {"a": content}


def test_an_invalid_header_is_a_user_error(tmp_path):
    path = tmp_path / "set.tar"
    info = tarfile.TarInfo("a.txt")
    info.pax_headers = {"GNU.sparse.map": "x,y"}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info)
    with pytest.raises(UserError, match="is broken"):
        members(path)


def test_a_sparse_member_of_negative_size_is_refused(tmp_path):
    path = tmp_path / "bomb.tar.gz"
    sparse = tarfile.TarInfo("a.txt")
    sparse.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(sparse.tobuf(tarfile.GNU_FORMAT))
    # The real size, base 256: minus 2 ** 40.
    header[483:495] = b"\xff" + (2**88 - 2**40).to_bytes(11, "big")
    header[148:156] = b"        "
    header[148:156] = b"%06o\x00 " % sum(header)
    path.write_bytes(gzip.compress(bytes(header) + bytes(1024)))
    with pytest.raises(UserError, match=r"bomb\.tar\.gz is broken.*-\d"):
        members(path)


def test_a_large_extended_header_is_refused_before_it_is_parsed(tmp_path):
    path = tmp_path / "slow.tar"
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 2_000_000
    path.write_bytes(header.tobuf() + b"1" * 2_000_384 + bytes(1024))
    with pytest.raises(UserError, match="slow.tar is broken.*a header of 2,0"):
        members(path)


def test_a_zip_of_lzma_is_refused_and_its_links_are_skipped(tmp_path):
    path = tmp_path / "set.zip"
    link = zipfile.ZipInfo("set/link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("set/a.txt", "A")
        archive.writestr(link, "/etc/passwd")
    assert members(path) == {"a": b"A"}
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("set/b.txt", "B", zipfile.ZIP_LZMA)
    with pytest.raises(UserError, match=r"set\.zip is broken .*'set/b\.txt'"):
        members(path)


@pytest.mark.real_data
def test_the_known_bomb_is_refused(request):
    cases = pathlib.Path(request.config.getoption("--data_dir"), "../cases")
    path = cases / "robustness" / "bomb_sparse_negative.tar.gz"
    if not path.exists():
        pytest.skip(f"no {path}")
    with pytest.raises(UserError, match="is broken|decompression bomb"):
        list(archives.read_members(path, ".*"))
