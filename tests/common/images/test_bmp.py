"""BMP files without compression are decoded."""

import struct

import numpy as np
import pytest

from tests.common.images import pictures


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_colors_are_in_their_places(mode):
    pictures.assert_quarters(pictures.quarters(mode), "BMP")


def test_rows_may_run_downwards():
    content = bytearray(pictures.encode(pictures.quarters(), "BMP"))
    struct.pack_into("<i", content, 22, -48)
    pixels = pictures.centers(pictures.read_one(bytes(content)))
    np.testing.assert_allclose(pixels, pictures.COLORS[::-1], atol=0.01)
