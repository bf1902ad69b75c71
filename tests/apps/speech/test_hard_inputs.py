"""Recordings that are hard to read or to recognize are answered or refused."""

import numpy as np
import pytest
import tensorflow as tf

from common.audio import writing
from common.errors import UserError
from tests import variants

RATE = 8000
SILENCE = np.zeros(int(0.4 * RATE), np.float32)


@pytest.fixture(scope="module")
def samples(recordings):
    """Samples of a recording, float32, with room to the full scale."""
    content = np.frombuffer(recordings[0].content[44:], "<i2")
    return 0.5 * content.astype(np.float32) / np.abs(content).max()


def answer(model, *parts):
    """Returns the outputs for recordings in one batch, after checks."""
    contents = [writing.wav_file(part, RATE) for part in parts]
    outputs = model.serve(audio=tf.constant(contents))
    outputs = {name: value.numpy() for name, value in outputs.items()}
    for value in outputs.values():
        assert len(value) == len(parts)
        assert value.dtype == object or np.isfinite(value).all()
    np.testing.assert_allclose(
        outputs["seconds"], [len(part) / RATE for part in parts], rtol=1e-6
    )
    ends = outputs["word_end"].max(1, initial=0)
    assert (ends <= outputs["seconds"] + 0.02).all()
    return outputs


@pytest.mark.parametrize(
    "kind", variants.extended(["model", "forward_model"], "model")
)
def test_odd_recordings_are_answered(request, kind, samples):
    outputs = answer(
        request.getfixturevalue(kind),
        np.zeros(RATE, np.float32),
        np.zeros(0, np.float32),
        np.ones(RATE, np.float32),
        np.concatenate([SILENCE, samples]),
        np.concatenate([samples, SILENCE]),
        np.clip(20 * samples, -1, 1),
        samples + 0.25,
        0.001 * samples,
        samples[:1],
    )
    assert outputs["transcript"][1] == b""
    assert outputs["transcript"][3] != b""


def test_the_loudness_changes_nothing(model, samples):
    """Features are logarithms, and normalized over the recording."""
    outputs = answer(model, samples, samples / 10)
    loud, quiet = outputs["transcript"]
    assert loud == quiet != b""
    scores = outputs["alternative_scores"]
    np.testing.assert_allclose(scores[0], scores[1], rtol=0.02)


@pytest.mark.slow
def test_ten_minutes_are_answered_in_one_piece(model, samples):
    whole = np.resize(samples, 600 * RATE)
    outputs = answer(model, whole)
    assert outputs["word_end"].max() > 590


@pytest.mark.real_data
def test_the_cases_are_answered_or_refused_in_one_line(
    app_with, model, public_data, capsys
):
    folder = public_data("../cases") / "audio"
    names = sorted(str(path) for path in folder.glob("*.wav"))
    app, lines = app_with(), []
    with pytest.raises(UserError, match=f"of {len(names)} recordings could"):
        lines.extend(app.interface.predict(model, names))
    answered = {line.partition("\t")[0] for line in lines}
    errors = capsys.readouterr().err.splitlines()
    refused = {
        name for name in names if any(f"speech: {name} " in e for e in errors)
    }
    assert answered | refused == set(names)
    assert not answered & refused
    rows = (folder / "expected.tsv").read_text().splitlines()[1:]
    for row in rows:
        name, verdict, *_ = row.split("\t")
        if verdict == "refuse":
            assert str(folder / name) in refused
