"""Exported recognizers answer like the model, without TensorFlow."""

import json

import numpy as np
import pytest
import tensorflow as tf

from apps.speech import Speech
from common.audio import decode
from common.audio import writing
from common.export import comparison
from tests import variants
from tests.apps import exporting


@pytest.fixture(scope="module", params=variants.extended([True, False], False))
def model(request, create):
    """A recognizer that writes the likeliest characters."""
    return create(bidirectional=request.param, beam_width=1)


@pytest.fixture(scope="module", params=variants.extended(["litert", "onnx"]))
def exported(request, model, wav_files, tmp_path_factory):
    """Returns the folder of an export, compared on recordings."""
    contents = [*wav_files.values(), b""]
    examples = {"audio": contents}, {"transcript": [""] * len(contents)}
    folder = tmp_path_factory.mktemp("saved_models")
    return exporting.export(
        Speech, model, examples, folder, format=request.param
    )


def test_recordings_of_any_length_have_the_logits_of_the_model(exported):
    report = json.loads((exported / "report.json").read_text())
    assert report["comparison"]["examples"] == 6
    assert report["comparison"]["largest_difference"] < 1e-4


def test_the_example_has_the_transcripts_of_the_model(
    exported, model, recordings, tmp_path
):
    rng = np.random.default_rng(0)
    noise = rng.integers(-3000, 3000, (2, 8123, 2), "i2")
    contents = [
        recordings[0].content,
        recordings[1].content,
        writing.wav_file(np.zeros(1, np.int16), 8000),
        *(writing.wav_file(samples, 8000) for samples in noise),
    ]
    paths = [tmp_path / f"{i}.wav" for i in range(len(contents))]
    for path, content in zip(paths, contents):
        path.write_bytes(content)
    lines = exporting.run_example(exported, "speech", *paths)
    expected = model.serve(tf.constant(contents))["transcript"].numpy()
    assert [line.split("\t")[1].encode() for line in lines] == list(expected)
    assert any(expected)


def test_the_features_of_the_example_are_those_of_the_model(
    model, recordings, monkeypatch
):
    example = exporting.names_of_example("speech", monkeypatch)
    networks = model.networks()
    rate = model.arguments.sample_rate
    for content in (recordings[0].content, recordings[1].content):
        samples, counts, _ = decode.read([content], rate)
        expected, _ = model.features.whole(samples, counts)
        features = example["features_of"](
            samples[0].numpy(), networks.files["preprocessing"]
        )
        np.testing.assert_allclose(features, expected[0], atol=2e-3)


def answer(model, audio):
    """Returns the transcript of the networks, and that of the model."""
    networks = model.networks()
    run = comparison.Runner(networks, comparison.in_tensorflow(networks))
    (transcript,) = networks.answer(run, {"audio": audio})["transcript"]
    return transcript.numpy(), model.serve(audio=audio)["transcript"][0].numpy()


@pytest.mark.extended
@pytest.mark.usefixtures("eager")
def test_networks_have_the_transcripts_of_the_model(model):
    noise = np.random.default_rng(0).normal(0, 0.1, 3000)
    transcript, expected = answer(
        model, tf.constant([writing.wav_file(noise, 8000)])
    )
    assert transcript == expected != b""


@pytest.mark.extended
def test_networks_have_no_words_for_an_empty_recording(model):
    assert answer(model, tf.constant([b""])) == (b"", b"")
