"""Text files as people have them: encodings, byte-order marks, gzip."""

from __future__ import annotations

import codecs
import pathlib

from common.data import archives
from common.errors import UserError

# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Tried in this order where a file is not UTF-8; names for error messages.
_GUESSES = {
    "shift_jis": "Japanese Shift JIS",
    "euc_kr": "Korean EUC",
    "gb18030": "Chinese GB 18030",
    "cp1251": "Windows-1251",
}


def read(path: pathlib.Path, encoding: str = "", tolerated: float = 0.0) -> str:
    """Returns the text of a file; gzip is recognized by its content.

    Args:
      path: The file.
      encoding: Name of a Python codec. If empty, the text is UTF-8, or what
        its byte-order mark says.
      tolerated: Share of lines that may contain bytes that are not UTF-8; each
        such byte becomes a surrogate, which `require_utf8` refuses.

    Raises:
      UserError: The file cannot be read, or has another encoding.
    """
    content = archives.read_file(path)
    if encoding:
        return _decoded(content, encoding, path)
    mark = next((m for m in _MARKS if content.startswith(m)), b"")
    if mark and mark != codecs.BOM_UTF8:
        return _decoded(content, _MARKS[mark], path)
    content = content.removeprefix(codecs.BOM_UTF8)
    _refuse_another_encoding(content, path, tolerated)
    return content.decode("utf-8", "surrogateescape")


def lines(text: str) -> list[str]:
    """Returns the lines of a text; only line feeds end them.

    A carriage return before a line feed is removed. There is no empty line
    after the last line feed.
    """
    if not text:
        return []
    parts = text.removesuffix("\n").split("\n")
    return [part.removesuffix("\r") for part in parts]


def without_mark(text: str) -> str:
    """Returns a text without the byte-order mark at its beginning."""
    return text.removeprefix("\ufeff")


def require_utf8(text: str) -> str:
    """Returns a record of `read`, if all of it was decoded.

    Raises:
      ValueError: It contains bytes that are not UTF-8, or a NUL.
    """
    if "\x00" in text:
        raise ValueError("a NUL byte: this is not text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        if not 0xDC80 <= ord(text[error.start]) <= 0xDCFF:
            raise ValueError(
                f"{text[:60]!a} contains half of a character"
            ) from None
        beginning = text[:60].encode("utf-8", "surrogateescape")
        raise ValueError(
            f"byte 0x{ord(text[error.start]) & 0xFF:02x} in {beginning!r} is "
            "not UTF-8; --encoding names another encoding"
        ) from None
    return text


def require_encoding(name: str) -> None:
    """Checks the name of a codec.

    Raises:
      UserError: Python has no text codec of that name.
    """
    try:
        "".encode(name)
    except (LookupError, UnicodeError, ValueError) as error:
        raise UserError(
            f"--encoding={name} is unknown: use a name such as utf-8, cp1252, "
            "utf-16 or shift_jis."
        ) from error


def _decoded(content, encoding, path):
    require_encoding(encoding)
    try:
        return without_mark(content.decode(encoding))
    except UnicodeError as error:
        raise UserError(
            f"{path} is not {encoding} ({error}): choose another --encoding."
        ) from error


def _refuse_another_encoding(content, path, tolerated):
    start = content[:1000]
    if 5 * start.count(0) > 2 * len(start):
        name = "le" if start[1::2].count(0) > start[::2].count(0) else "be"
        raise UserError(
            f"{path} is not UTF-8. It may be UTF-16 without a byte-order mark: "
            f"pass --encoding=utf-16-{name}."
        )
    parts = [part for part in content.split(b"\n") if part.strip()]
    bad = sum(not _is_utf8(part) for part in parts)
    valid = sum(_is_utf8(part) and not part.isascii() for part in parts)
    # A few bytes are damage, and cost their lines.
    if bad > max(valid, 1, tolerated * len(parts), 0.1 * len(parts)):
        names = _possible_encodings(content)
        named = " or ".join(
            f"{title}: pass --encoding={name}" for name, title in names.items()
        )
        raise UserError(
            f"{path} is not UTF-8 ({bad:,} of {len(parts):,} lines). "
            + (
                f"It may be {named}."
                if named
                else "If it is text, pass its --encoding."
            )
        )


def _is_utf8(content):
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _possible_encodings(content):
    """Returns names and titles of encodings that content may have."""
    # Where most letters are those of English, the others are accents.
    high = sum(byte > 127 for byte in content)
    if high < 0.3 * len(content.replace(b" ", b"")):
        return {"cp1252": "Windows-1252"}
    return {
        name: title
        for name, title in _GUESSES.items()
        if _decodes(content, name)
    }


def _decodes(content, encoding):
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
