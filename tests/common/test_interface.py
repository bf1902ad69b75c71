"""Lines that are printed, and lines of standard input."""

import io
import os
import subprocess
import sys

import pytest

from common import interface


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain\ttext é 😀", "plain\ttext é 😀"),
        ("a\nb\r\nc\u2028d\x85e\x0cf", "a b c d e f"),
        ("\x1b[31mred\x07\x00", r"\x1b[31mred\x07\x00"),
        ("\x9b31m", r"\x9b31m"),
    ],
)
def test_an_answer_is_one_line_without_control_characters(text, line):
    assert interface.one_line(text) == line


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a\nb", ["a", "b"]),
        (b"a\r\n\nb\n", ["a", "", "b"]),
        (b"\xef\xbb\xbfThe girls.\n", ["The girls."]),
        ("Über\nuns\n".encode("utf-16"), ["Über", "uns"]),
        (b"\xff", ["\ufffd"]),
        ("a\u2028b\x85c\n".encode(), ["a\u2028b\x85c"]),
        (b"long " * 50_000 + b"\nb\n", ["long " * 50_000, "b"]),
    ],
)
def test_standard_input_is_read_by_lines(content, lines):
    words = interface.StandardInput(io.BufferedReader(io.BytesIO(content)))
    assert list(words) == lines
    assert len(words) == len(lines)
    assert list(words[1:]) == lines[1:]


def test_lines_arrive_while_more_are_awaited():
    reading, writing = os.pipe()
    with open(reading, "rb") as stream:
        groups = interface.StandardInput(stream).groups()
        os.write(writing, b"a\nb\npart")
        assert next(groups) == ["a", "b"]
        os.write(writing, b"ly\n")
        assert next(groups) == ["partly"]
        os.close(writing)
        assert next(groups, None) is None


# Answers each line in capitals.
CAPITALS = """
import sys
from common import interface

class Capitals(interface.Interface):
    parse_inputs = format_outputs = None
    def __init__(self): pass
    class config: batch_size = 2

for chunk in Capitals().chunks(interface.StandardInput(sys.stdin.buffer)):
    print(*chunk, flush=True)
"""


def test_an_answer_does_not_wait_for_the_end_of_the_input():
    process = subprocess.Popen(
        [sys.executable, "-c", CAPITALS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        for line in (b"a\n", b"b\n"):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == line
        rest = process.communicate(b"c\nd\ne")[0]
    assert rest == b"c d\ne\n"


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ([], ""),
        ([(0, 3), (0, 0)], ""),
        ([(1, 1000), (0, 500)], "1 of 1,500 words is unknown"),
        ([(3, 4)], "3 of 4 words are unknown"),
    ],
)
def test_unknown_words_are_reported(counts, line, capsys):
    interface.report_unknown(iter(counts), "sample")
    ending = " to this model; it was trained on sample.\n"
    assert capsys.readouterr().err == (line + ending if line else "")
