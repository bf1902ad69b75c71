"""An unreadable record is skipped and listed."""

import csv
import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.data.records import BadRecords
from common.errors import UserError


def utf8(content):
    return content.decode()


def number(content):
    return float(content.decode().split(",")[1])


def jpeg(content):
    return decoded(lambda: tf.io.decode_jpeg(content))


def wav(content):
    return decoded(lambda: tf.audio.decode_wav(content))


def decoded(decode):
    try:
        return decode()
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(error.message) from error


def image():
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    return file.getvalue()


def sound():
    return tf.audio.encode_wav(np.zeros([50, 1], "f4"), 8000).numpy()


KINDS = {  # Decoder, a good record, a bad record.
    "text": (utf8, "é".encode(), b"\xc3("),
    "number": (number, b"2020-01-02,1.5", b"2020-01-02,1.5.5"),
    "JPEG": (jpeg, image(), image()[:100]),
    "WAV": (wav, sound(), b"RIFF" + sound()[8:]),
}


def records(kind, bad, total=2000):
    """Returns `total` records, `bad` of which are unreadable."""
    _, good, broken = KINDS[kind]
    positions = {round((i + 0.5) * total / bad) for i in range(bad)}
    return [
        ("set.bin", i, broken if i in positions else good) for i in range(total)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_few_bad_records_are_skipped_and_listed(tmp_path, capsys, kind):
    path = tmp_path / "bad_records.csv"
    bad = BadRecords(path, 0.001)
    values = list(bad.readable(records(kind, 1), KINDS[kind][0]))
    assert len(values) == 1999
    bad.report()
    assert "1 of 2,000 records" in capsys.readouterr().err
    with path.open() as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["position"]) == ("set.bin", "1000")
    assert row["problem"]


@pytest.mark.parametrize("kind", KINDS)
def test_many_bad_records_are_an_error_and_listed(tmp_path, kind):
    path = tmp_path / "bad_records.csv"
    bad = BadRecords(path, 0.001)
    with pytest.raises(UserError, match="100 of 2,000 records") as caught:
        list(bad.readable(records(kind, 100), KINDS[kind][0]))
    assert "set.bin, 10:" in str(caught.value)
    assert "--bad_record_share=0.001" in str(caught.value)
    assert len(path.read_text().splitlines()) == 101


def test_missing_records_are_listed_without_a_limit(tmp_path, capsys):
    path = tmp_path / "bad_records.csv"
    bad = BadRecords(path, 0.0)
    for number in range(1500):
        bad.absent(f"{number}.jpg", 1)
    assert len(list(bad.readable([("set.txt", 1, b"good")], utf8))) == 1
    bad.report()
    message = f"Skipped 1,500 missing records: see {path}.\n"
    assert capsys.readouterr().err == message
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1500
    assert rows[-1] == {
        "file": "1499.jpg",
        "position": "1",
        "problem": "missing",
    }


def test_broken_and_missing_records_are_counted_separately(tmp_path, capsys):
    path = tmp_path / "bad_records.csv"
    bad = BadRecords(path, 0.001)
    assert len(list(bad.readable(records("text", 2), utf8))) == 1998
    bad.absent("absent.jpg", 1)
    bad.report()
    assert capsys.readouterr().err == (
        "Skipped 2 of 2,000 records that cannot be read and 1 missing "
        f"record: see {path}.\n"
    )
    assert len(path.read_text().splitlines()) == 4


def test_an_old_list_is_removed_if_all_records_are_good(tmp_path):
    path = tmp_path / "bad_records.csv"
    path.write_text("old")
    BadRecords(path, 0.0).report()
    assert not path.exists()


def test_a_problem_may_hold_bytes_that_are_not_utf8(tmp_path):
    def decode(content):
        raise ValueError(f"{content} is no label")

    records = BadRecords(tmp_path / "bad.csv", 1.0)
    assert not list(records.readable([("a.tsv", 1, "b\udcff")], decode))
    records.report()
    assert "b\\udcff is no label" in (tmp_path / "bad.csv").read_text()
