"""Stems of the files of answers."""

from common import file_interface


def test_stems_are_unique_and_safe():
    stems = file_interface.FileStems()
    names = ["a/my song.v2.mid", "b/my song.v2.mid", "test:3", "../..", ""]
    assert [stems.unique(name, "piece") for name in names] == [
        "my-song.v2",
        "my-song.v2-2",
        "test-3",
        "..",
        "piece",
    ]
    assert stems.unique("test:3", "piece", "-continued") == "test-3-continued"
