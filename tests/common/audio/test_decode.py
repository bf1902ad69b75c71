"""A batch of WAV files has the sound of each, at one rate."""

import numpy as np
import pytest
import tensorflow as tf

from common.audio import decode
from common.audio import mel
from common.audio import normalization
from common.audio import wav
from tests.common.audio import recordings

SOUND = recordings.file(rate=16_000)
FEWER = recordings.file(recordings.tone(33), 24, rate=44_100)
BAD = b"<html>"


def read(*contents, rate=16_000):
    result = decode.read(tf.constant(contents, tf.string), rate)
    return decode.Recordings(*(part.numpy() for part in result))


def test_recordings_are_padded_and_unreadable_ones_are_marked():
    result = read(BAD, SOUND, FEWER, b"")
    assert result.samples.shape == (4, 100)
    assert result.counts.tolist() == [0, 100, 12, 0]
    assert result.readable.tolist() == [False, True, True, False]
    np.testing.assert_array_equal(result.samples[1], recordings.tone())
    assert not result.samples[[0, 3]].any()
    assert not result.samples[2, 12:].any()


def test_a_recording_has_the_same_bits_in_any_batch():
    alone = read(FEWER).samples[0]
    batch = read(SOUND, FEWER, SOUND)
    np.testing.assert_array_equal(batch.samples[1, :12], alone)


def test_an_empty_recording_is_readable():
    result = read(recordings.file(np.zeros(0)))
    assert result.readable.tolist() == [True]
    assert result.samples.shape == (1, 0)


@pytest.mark.parametrize("contents", [[], [BAD], [BAD, b""]])
def test_batches_without_a_readable_recording_are_possible(contents):
    result = read(*contents)
    assert result.samples.shape == (len(contents), 0)
    assert not result.readable.any()


def test_a_batch_that_padding_would_make_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(decode, "MAX_BATCH_BYTES", 900)
    read_small = tf.function(
        decode.read.python_function,
        input_signature=decode.read.input_signature,
        autograph=False,
    )
    read_small([SOUND, BAD], 16_000)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="3 recordings would be padded"
    ):
        read_small([SOUND, BAD, BAD], 16_000)


class FrontEnd(tf.Module):
    """From the bytes of files to normalized features."""

    def __init__(self):
        super().__init__()
        self._log_mel = mel.LogMel(16_000, 40)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(self, audio):
        sound = decode.read(audio, 16_000)
        features, counts = self._log_mel.features(sound.samples, sound.counts)
        return normalization.per_recording(features, counts)

    @tf.function(input_signature=2 * [tf.TensorSpec([None, None])])
    def step(self, samples, state):
        return self._log_mel.step(samples, state)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def decode(self, content):
        return wav.decode(content)


def test_a_savedmodel_has_the_bits_of_the_live_one(tmp_path, foreign_process):
    model = FrontEnd()
    tf.saved_model.save(model, tmp_path / "model")
    contents = [SOUND, FEWER, BAD, recordings.file(recordings.tone(9000), 8)]
    np.save(tmp_path / "expected.npy", model.serve(contents))
    for i, content in enumerate(contents):
        (tmp_path / f"{i}.wav").write_bytes(content)
    code = (
        "import numpy as np\n"
        "import tensorflow as tf\n"
        "model = tf.saved_model.load('model')\n"
        "contents = [open(f'{i}.wav', 'rb').read() for i in range(4)]\n"
        "expected = np.load('expected.npy')\n"
        "np.testing.assert_array_equal(model.serve(contents), expected)\n"
        "model.step(np.zeros([1, 500], 'f4'), np.zeros([1, 120], 'f4'))\n"
        "try:\n"
        "    model.decode(contents[2])\n"
        "except tf.errors.InvalidArgumentError as error:\n"
        "    print(error.message)\n"
    )
    output = foreign_process.run(code, folder=tmp_path)
    assert "is a web page or XML, not a WAV file: check how" in output
