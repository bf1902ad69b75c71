"""Texts in the encodings and with the line ends that people have."""

import gzip

import pytest

from common.data import text_files
from common.errors import UserError

TEXT = "It’s good\nÄh,\tnaïve\n"


def write(tmp_path, content):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        gzip.compress(TEXT.encode("utf-8-sig"), mtime=0),
    ],
)
def test_utf8_and_byte_order_marks_need_no_option(tmp_path, content):
    assert text_files.read(write(tmp_path, content)) == TEXT


@pytest.mark.parametrize("encoding", ["cp1252", "UTF-16-LE", "gb18030"])
def test_the_encoding_is_an_option(tmp_path, encoding):
    path = write(tmp_path, TEXT.encode(encoding))
    assert text_files.read(path, encoding) == TEXT


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (TEXT, "cp1252", "Windows-1252: pass --encoding=cp1252"),
        ("これは良い映画です\n" * 3, "shift_jis", "--encoding=shift_jis"),
        ("这是一部好电影\n" * 3, "gb18030", "--encoding=gb18030"),
        ("Хороший фильм\n" * 3, "cp1251", "--encoding=cp1251"),
        (TEXT, "utf-16-le", "--encoding=utf-16-le"),
        (TEXT, "utf-16-be", "--encoding=utf-16-be"),
    ],
)
def test_another_encoding_is_named_once(tmp_path, text, encoding, named):
    path = write(tmp_path, text.encode(encoding))
    with pytest.raises(UserError, match=named) as error:
        text_files.read(path)
    assert str(path) in str(error.value)


def test_an_unknown_or_wrong_encoding_is_refused(tmp_path):
    path = write(tmp_path, "é".encode())
    with pytest.raises(UserError, match="--encoding=latin-99 is unknown"):
        text_files.read(path, "latin-99")
    with pytest.raises(UserError, match="--encoding=zlib is unknown"):
        text_files.read(path, "zlib")
    with pytest.raises(UserError, match="is not ascii .*another --encoding"):
        text_files.read(path, "ascii")


def test_a_damaged_byte_costs_its_line(tmp_path):
    path = write(tmp_path, b"fine\n" * 50 + b"bro\xffken\n")
    lines = text_files.lines(text_files.read(path))
    assert [text_files.require_utf8(line) for line in lines[:50]] == (
        ["fine"] * 50
    )
    with pytest.raises(ValueError, match="0xff in .* is not UTF-8"):
        text_files.require_utf8(lines[50])


def test_only_line_feeds_end_lines():
    odd = "a\u2028b\x85c\x0bd\x0ce\x1cf"
    assert text_files.lines(f"{odd}\r\n\n{odd}") == [odd, "", odd]
    assert text_files.lines("") == []
    assert text_files.lines("one\n") == ["one"]
