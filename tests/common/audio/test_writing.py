"""WAV files that are written are read back."""

import io

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from common.audio import wav
from common.audio import writing


@pytest.mark.parametrize(
    ("dtype", "subtype"),
    [("int16", "PCM_16"), ("float32", "FLOAT"), ("float64", "FLOAT")],
)
@pytest.mark.parametrize("shape", [(50,), (50, 2), (0,)])
def test_a_file_has_the_samples(dtype, subtype, shape):
    samples = np.random.default_rng(0).uniform(-1, 1, shape)
    expected = samples.astype("f4")
    if dtype == "int16":
        samples = np.rint(samples * 2**15)
        expected = samples / 2**15
    content = writing.wav_file(samples.astype(dtype), 11_025)
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.samplerate, file.subtype) == (11_025, subtype)
        np.testing.assert_array_equal(file.read(dtype="float32"), expected)
    if samples.ndim == 1:
        recording = wav.decode(tf.constant(content))
        np.testing.assert_array_equal(recording.samples, expected)
