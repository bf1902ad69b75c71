"""A batch of WAV files has the sound of each, at one rate."""

import numpy as np
import pytest
import tensorflow as tf

from common.audio import decode
from common.audio import mel
from common.audio import normalization
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


def test_a_batch_that_padding_would_make_too_large_is_refused():
    long = recordings.file(np.zeros(500_000), rate=4_000)
    reason = "300 recordings would be padded to 2000000 samples each, more than"
    with pytest.raises(tf.errors.InvalidArgumentError, match=reason):
        read(long, *299 * [b""])


@pytest.mark.extended
def test_a_savedmodel_has_the_bits_of_the_live_one(tmp_path, foreign_process):
    """From the bytes of files to normalized features."""
    log_mel = mel.LogMel(16_000, 40)

    def serve(audio):
        sound = decode.read(audio, 16_000)
        features, counts = log_mel.features(sound.samples, sound.counts)
        return normalization.per_recording(features, counts)

    model = tf.Module()
    # A concrete function, which is not traced again.
    model.serve = tf.function(serve, autograph=False).get_concrete_function(
        tf.TensorSpec([None], tf.string, "audio")
    )
    tf.saved_model.save(model, tmp_path / "model")
    contents = [SOUND, FEWER, BAD, recordings.file(recordings.tone(9000), 8)]
    np.save(tmp_path / "expected.npy", model.serve(tf.constant(contents)))
    for i, content in enumerate(contents):
        (tmp_path / f"{i}.wav").write_bytes(content)
    code = (
        "import numpy as np\n"
        "import tensorflow as tf\n"
        "model = tf.saved_model.load('model')\n"
        "contents = [open(f'{i}.wav', 'rb').read() for i in range(4)]\n"
        "expected = np.load('expected.npy')\n"
        "result = model.serve(audio=tf.constant(contents))\n"
        "np.testing.assert_array_equal(result, expected)\n"
    )
    foreign_process.run(code, folder=tmp_path)
