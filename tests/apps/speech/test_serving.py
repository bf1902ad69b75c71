"""Tests of the signatures: recordings in, transcripts out."""

import numpy as np
import pytest
import tensorflow as tf

from common.audio import decode
from common.audio import writing

RATE = 8000


def test_a_recording_has_its_transcript_in_any_batch(model, wav_files):
    contents = list(wav_files.values())
    together = model.serve(tf.constant(contents))
    for row, content in enumerate(contents):
        alone = model.serve(tf.constant([content]))
        assert together["transcript"][row] == alone["transcript"][0]
        np.testing.assert_allclose(
            together["alternative_scores"][row],
            alone["alternative_scores"][0],
            rtol=1e-4,
        )
    assert any(together["transcript"].numpy())


def test_alternatives_are_ordered_and_the_first_is_the_transcript(
    model, wav_files
):
    outputs = model.serve(tf.constant([wav_files[8123], wav_files[20_000]]))
    assert (
        (outputs["alternatives"][:, 0] == outputs["transcript"]).numpy().all()
    )
    scores = outputs["alternative_scores"].numpy()
    assert scores.shape == (2, 8)
    assert (np.diff(scores) <= 0).all()


def test_words_are_those_of_the_transcript_in_order(model, wav_files):
    outputs = {
        name: value.numpy()
        for name, value in model.serve(
            tf.constant(list(wav_files.values()))
        ).items()
    }
    for row, transcript in enumerate(outputs["transcript"]):
        words = [word for word in outputs["words"][row] if word]
        assert words == transcript.split()
        start, end, confidence = (
            outputs[f"word_{name}"][row]
            for name in ("start", "end", "confidence")
        )
        count = len(words)
        assert (start[:count] < end[:count]).all()
        assert (end[: count - 1] <= start[1:count] + 1e-6).all()
        assert (end[:count] <= outputs["seconds"][row] + 0.02).all()
        assert ((confidence[:count] > 0) & (confidence[:count] <= 1)).all()
        assert not start[count:].any()
        assert not end[count:].any()


def test_a_file_that_is_no_recording_has_no_words(model, wav_files):
    contents = [b"", b"RIFF", wav_files[8123], b"<html>"]
    outputs = model.serve(tf.constant(contents))
    assert outputs["transcript"].numpy().tolist()[:2] == [b"", b""]
    assert outputs["seconds"].numpy().tolist() == pytest.approx(
        [0, 0, 8123 / RATE, 0]
    )
    only = model.serve(tf.constant([b"<html>"]))
    assert only["transcript"].numpy().tolist() == [b""]
    assert only["words"].shape == (1, 0)
    assert model.serve(tf.constant([], tf.string))["transcript"].shape == (0,)


def test_another_rate_is_resampled(model):
    times = np.arange(2 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 440 * times) * (times < 1)
    fast = 0.3 * np.sin(np.pi * 440 * times[: 2 * RATE] / 1) * (times < 2)
    # The same second at 8 and at 16 kHz.
    slow = writing.wav_file(tone[:RATE].astype(np.float32), RATE)
    twice = writing.wav_file(fast.astype(np.float32), 2 * RATE)
    outputs = model.serve(tf.constant([slow, twice]))
    assert outputs["seconds"].numpy().tolist() == [1, 1]


def test_a_stream_ends_with_the_transcript_of_the_file(
    forward_model, wav_files
):
    signatures = forward_model.signatures()
    for chunk, content in zip((1, 37, 400, 799, 30_000), wav_files.values()):
        samples = decode.read([content], RATE).samples
        state = signatures["start"](tf.constant([7]))
        for begin in range(0, samples.shape[1], chunk):
            outputs = signatures["step"](
                samples[:, begin : begin + chunk], *state.values()
            )
            state = {name: outputs[name] for name in state}
        streamed = signatures["flush"](*state.values())
        whole = forward_model.serve(tf.constant([content]))
        for name, values in streamed.items():
            if values.dtype == tf.string:
                assert (values == whole[name]).numpy().all()
            else:
                np.testing.assert_allclose(values, whole[name], rtol=1e-4)


def test_streams_of_a_batch_do_not_mix(forward_model, wav_files):
    signatures = forward_model.signatures()
    samples = tf.concat(
        [
            decode.read([wav_files[count]], RATE).samples[:, :3000]
            for count in (8123, 20_000)
        ],
        0,
    )
    together = transcript_of(signatures, samples)
    alone = [transcript_of(signatures, row[None]) for row in samples]
    assert together == [text for texts in alone for text in texts]


def test_only_models_that_read_forward_answer_streams(model, forward_model):
    assert not model.signatures()
    assert set(forward_model.signatures()) == {"start", "step", "flush"}


def transcript_of(signatures, samples):
    state = signatures["start"](tf.zeros([len(samples)], tf.int32))
    outputs = signatures["step"](samples, *state.values())
    state = {name: outputs[name] for name in state}
    return signatures["flush"](*state.values())["transcript"].numpy().tolist()


def test_an_unfinished_word_does_not_cost_the_others(create, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("mano\nkakaka")
    model = create(word_list=str(words), beam_width=1)
    characters, decoder = model.arguments.characters, model.decoder
    ids = [1 + characters.index(c) for c in "mano kaka"]
    log_probs = tf.math.log(tf.one_hot(ids, 1 + len(characters)) + 1e-3)
    beams = decoder.advance(decoder.beams(1), log_probs[None], tf.constant([9]))
    for is_final in (False, True):
        outputs = decoder.ranked(beams, is_final)
        assert outputs["transcript"].numpy().tolist() == [b"mano kaka"]
