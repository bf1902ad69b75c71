"""Word vectors in the formats of GloVe, word2vec and fastText."""

import gzip

import numpy as np
import pytest

from common.errors import UserError
from common.text import word_vectors

LINES = "the 0.1 0.2 0.3\nfilm 1 2 3\n. . . 4 5 6\nunused 0 0 nan\n"


def read(tmp_path, content, size=3):
    path = tmp_path / "vectors.txt"
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    return word_vectors.read(path, ["film", "absent", "the", ". . ."], size)


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        "4 3\n" + LINES.replace("\n", " \n"),
        gzip.compress(LINES.encode(), mtime=0),
        LINES.replace("\n", "\r\n"),
    ],
)
def test_formats_give_the_same_vectors(tmp_path, content):
    positions, vectors = read(tmp_path, content)
    assert positions == [0, 2, 3]
    np.testing.assert_allclose(vectors, [[1, 2, 3], [0.1, 0.2, 0.3], [4, 5, 6]])


@pytest.mark.parametrize("size", [2, 8])
@pytest.mark.parametrize("header", ["", "4 3\n"])
def test_the_length_of_the_vectors_is_named(tmp_path, size, header):
    with pytest.raises(UserError, match="vectors of 3 numbers: pass --embed"):
        read(tmp_path, header + LINES, size)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("film 1 two 3", "line 5: not a word with 3 numbers"),
        ("film 1", "line 5: not a word with 3 numbers"),
        ("film 1 nan 3", "line 5: a number of 'film' is not finite"),
        ("film 1 1e40 3", "line 5: a number of 'film' is not finite"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, problem):
    content = "some 1 2 3\n" * 4 + f"{line}\n" + "some 1 2 3\n" * 9
    with pytest.raises(UserError, match=problem):
        read(tmp_path, content)


def test_a_file_without_the_words_is_named(tmp_path):
    with pytest.raises(UserError, match="none of the words"):
        read(tmp_path, "other 1 2 3\n")


@pytest.mark.real_data
def test_published_word_vectors_are_read(public_data):
    folder = public_data("glove")
    path = folder / "glove.6B.100d.subset171.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    words = [line.split(" ")[0] for line in lines]
    places, vectors = word_vectors.read(path, [*words, "notaword"], 100)
    assert places == list(range(171))
    np.testing.assert_allclose(
        vectors[7], [float(x) for x in lines[7].split(" ")[1:]], rtol=1e-6
    )
