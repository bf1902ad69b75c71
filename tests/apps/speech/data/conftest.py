"""Recordings that the tests write."""

import numpy as np
import pytest

from apps.speech.config import SpeechConfig
from common.audio import writing
from common.data.records import BadRecords

RATE = 8000


def wav_file(number, seconds=0.05):
    """Returns a WAV file whose samples all are a number."""
    return writing.wav_file(np.full(int(seconds * RATE), number, "i2"), RATE)


@pytest.fixture
def create(tmp_path):
    """Returns a function that creates a data set."""

    def new(cls, allowed=0.0, **options):
        records = BadRecords(tmp_path / "bad.csv", allowed)
        return cls(SpeechConfig(**options), records)

    return new


def pairs(data, split):
    """Returns the first sample and the transcript of each example."""
    return [
        (
            int(np.frombuffer(x["audio"].numpy()[44:46], "<i2")[0]),
            y["transcript"].numpy().decode(),
        )
        for x, y in data.examples(split)
    ]


def all_pairs(data):
    return [p for s in ("train", "valid", "test") for p in pairs(data, s)]
