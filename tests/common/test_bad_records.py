"""A record that cannot be read costs itself, and is named."""

import csv
import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.bad_records import BadRecords
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


KINDS = {  # How it is decoded, a good record, a bad one.
    "text": (utf8, "é".encode(), b"\xc3("),
    "number": (number, b"2020-01-02,1.5", b"2020-01-02,1.5.5"),
    "JPEG": (jpeg, image(), image()[:100]),
    "WAV": (wav, sound(), b"RIFF" + sound()[8:]),
}


def records(kind, bad, total=2000):
    """Returns records of which `bad`, evenly, cannot be read."""
    _, whole, broken = KINDS[kind]
    places = {round((i + 0.5) * total / bad) for i in range(bad)}
    return [
        ("set.bin", i, broken if i in places else whole) for i in range(total)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_few_bad_records_are_passed_over_and_named(tmp_path, capsys, kind):
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
def test_many_bad_records_stop_the_run_and_are_named(tmp_path, kind):
    path = tmp_path / "bad_records.csv"
    bad = BadRecords(path, 0.001)
    with pytest.raises(UserError, match="100 of 2,000 records") as caught:
        list(bad.readable(records(kind, 100), KINDS[kind][0]))
    assert "set.bin, 10:" in str(caught.value)
    assert "--bad_records=0.001" in str(caught.value)
    assert len(path.read_text().splitlines()) == 101


def test_without_bad_records_an_old_list_goes(tmp_path):
    path = tmp_path / "bad_records.csv"
    path.write_text("old")
    BadRecords(path, 0.0).report()
    assert not path.exists()
