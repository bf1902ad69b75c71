"""What C++ prints is discarded, and nothing else."""

import os
import sys

import pytest

from common.images import decode
from common.images import silent
from tests.common.images import pictures


def test_standard_error_is_discarded_within_the_context(capfd):
    with silent.standard_error():
        os.write(2, b"raw line\n")
    print("after", file=sys.stderr)
    assert capfd.readouterr().err == "after\n"


def test_standard_error_is_restored_after_an_error(capfd):
    with pytest.raises(ValueError), silent.standard_error():
        raise ValueError
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_a_truncated_jpeg_prints_no_line_of_libjpeg(capfd):
    with pytest.raises(ValueError, match="cut short"):
        decode.check(pictures.samples()["JPEG"][:-9])
    assert capfd.readouterr().err == ""
