"""Damaged files of a user's own are read, or refused with one line."""

import dataclasses
import hashlib
import io
import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from apps.captioning import Captioning
from apps.language_model import LanguageModel
from apps.music import Music
from apps.music.model import midi_bytes
from apps.qa import QA
from apps.sentiment import Sentiment
from apps.speech import Speech
from apps.stock import Stock
from apps.translation import Translation
from apps.video import Video
from apps.video_forecast import VideoForecast
from common.audio import writing
from common.data import splits
from common.errors import UserError
from tests.apps import corruption

ROWS = range(60)
STORY = """\
1 Anna took the cup.
2 Ben{0} went to the attic.
3 Where is Ben{0}? \tattic\t2
"""
DAYS = np.arange("2020-01-01", "2021-06-01", dtype="M8[D]")


def lines(form, rows=ROWS):
    return "".join(form.format(number) for number in rows).encode()


def prices():
    rng = np.random.default_rng(0)
    path = 100 * np.exp(rng.normal(0, 0.01, len(DAYS)).cumsum())
    rows = [
        f"{day},{p:.2f},{p + 1:.2f},{p - 1:.2f},{p:.2f},{p:.2f},{i + 1}"
        for i, (day, p) in enumerate(zip(DAYS[np.is_busday(DAYS)], path))
    ]
    return "\n".join(
        ["Date,Open,High,Low,Close,Adj Close,Volume", *rows]
    ).encode()


def picture(number):
    file = io.BytesIO()
    Image.new("RGB", (4, 3), (number, 50, 100)).save(file, "PNG")
    return file.getvalue()


def clip(number):
    file = io.BytesIO()
    np.save(file, np.full((3, 4, 4), number, np.uint8))
    return file.getvalue()


def recording(number):
    return writing.wav_file(np.full(400, number, np.int16), 8000)


def tune(number):
    """A MIDI file of two notes."""
    roll = np.zeros([1, 8, 88], np.int32)
    roll[0, :4, number % 50] = roll[0, 4:, 50 + number // 50] = 1
    return midi_bytes.midi_file(tf.constant(roll), 100.0, 4).numpy()[0]


def of_each_split(make):
    """Returns numbers of files of which two are in each split.

    They are few: all files are read again for each damaged one.
    """
    numbers = {"train": [], "valid": [], "test": []}
    for number in range(99):
        digest = hashlib.sha256(make(number)).hexdigest()
        numbers[splits.by_hash(digest)].append(number)
    return [n for of_split in numbers.values() for n in of_split[:2]]


PICTURES, CLIPS, RECORDINGS, TUNES = map(
    of_each_split, (picture, clip, recording, tune)
)
# App, name of the file, its content.
FILES = [
    (Sentiment, "mine.tsv", lines("1\tGood number {0}\n0\tBad {0}, é\n")),
    (
        Sentiment,
        "mine.csv",
        b"id,text,label\n"
        + lines('{0},"Good, ""{0}""\nyes",1\n{0},bad {0},0\n'),
    ),
    (
        Sentiment,
        "mine.jsonl",
        b"".join(
            json.dumps({"text": f"é {i}", "label": i % 2}).encode() + b"\n"
            for i in ROWS
        ),
    ),
    (Translation, "mine.tsv", lines("The dog {0}.\tDer Hund {0}.\n")),
    (LanguageModel, "mine.txt", lines("the dog {0} bärks\n")),
    (QA, "mine.txt", lines(STORY)),
    (Captioning, "mine.tsv", lines("{0}.png\tA dog {0}.\n", PICTURES)),
    (Stock, "mine.csv", prices()),
    (Speech, "mine.tsv", lines("{0}.wav\tword {0}\n", RECORDINGS)),
    (Video, "mine.tsv", lines("{0}.png\t0\t0.1\tfalls\n", PICTURES)),
    (VideoForecast, f"clip{CLIPS[0]}.npy", clip(CLIPS[0])),
    (Music, f"tune{TUNES[0]}.mid", tune(TUNES[0])),
]
IDS = [f"{app.name}-{name}" for app, name, _ in FILES]


def read(app_class, path, folder):
    """Returns the number of examples that an app reads of a user's file."""
    data = {"dataset": str(path)}
    if app_class is Stock:
        data = {"dataset": "prices", "data_dir": str(path)}
    if app_class in (Music, VideoForecast):  # All files of a folder.
        data = {"dataset": str(path.parent)}
    known = {field.name for field in dataclasses.fields(app_class.Config)}
    small = {"window": 5, "horizon": 2, "folds": 1}
    small |= {"context": 2, "horizon": 1} if app_class is VideoForecast else {}
    small |= {"image_size": 4} if app_class is Video else {}
    small |= {"network": "nade"} if app_class is Music else {}
    config = app_class.Config(
        **data,
        run_dir=str(folder / "run"),
        bad_record_share=0.5,
        **{name: small[name] for name in small if name in known},
    )
    app = app_class(config)
    return sum(
        len(list(app.examples(split))) for split in ("train", "valid", "test")
    )


def try_damaged_files(tmp_path, app_class, name, content, count):
    """Reads damaged files; returns the numbers of those read and refused."""
    for number in PICTURES if app_class in (Captioning, Video) else ():
        (tmp_path / f"{number}.png").write_bytes(picture(number))
    for number in CLIPS if app_class is VideoForecast else ():
        (tmp_path / f"clip{number}.npy").write_bytes(clip(number))
    for number in RECORDINGS if app_class is Speech else ():
        (tmp_path / f"{number}.wav").write_bytes(recording(number))
    for number in TUNES if app_class is Music else ():
        (tmp_path / f"tune{number}.mid").write_bytes(tune(number))
    (tmp_path / name).write_bytes(content)
    assert read(app_class, tmp_path / name, tmp_path)
    rng = np.random.default_rng(0)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(count):
        damaged = corruption.corrupt_bytes(content, rng)
        (tmp_path / name).write_bytes(damaged)
        try:
            read(app_class, tmp_path / name, tmp_path)
            outcomes["read"] += 1
        except UserError as error:
            assert "\n" not in str(error)
            outcomes["refused"] += 1
    return outcomes


@pytest.mark.parametrize(
    ("app_class", "name", "content"),
    [
        # To decode clips and recordings takes seconds.
        pytest.param(
            *file,
            id=name,
            marks=pytest.mark.extended
            if file[0] in (Music, Speech, Video, VideoForecast)
            else (),
        )
        for file, name in zip(FILES, IDS)
    ],
)
def test_damaged_files_are_read_or_refused(tmp_path, app_class, name, content):
    outcomes = try_damaged_files(tmp_path, app_class, name, content, 10)
    assert sum(outcomes.values()) == 10


@pytest.mark.slow
@pytest.mark.parametrize(("app_class", "name", "content"), FILES, ids=IDS)
def test_a_thousand_damaged_files_are_read_or_refused(
    tmp_path, app_class, name, content
):
    outcomes = try_damaged_files(tmp_path, app_class, name, content, 1000)
    assert sum(outcomes.values()) == 1000
    print(f"{app_class.name} {name}: {outcomes}")
