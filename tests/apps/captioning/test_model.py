"""The answers of a captioner, and its files."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.export import saved_model
from common.training import model_file


@pytest.fixture(scope="module")
def alternatives(model, pictures):
    return model.serving.alternatives(pictures, 3)


def test_an_unreadable_picture_has_an_empty_caption(model, pictures):
    readable = pictures[:2]
    contents = tf.concat([readable, [b"not a picture", b""]], 0)
    outputs, expected = model.serve(contents), model.serve(readable)
    assert outputs["caption"].numpy()[2:].tolist() == [b"", b""]
    assert outputs["score"].numpy()[2:].tolist() == [0, 0]
    np.testing.assert_array_equal(outputs["caption"][:2], expected["caption"])
    assert model.serve(pictures[:0])["caption"].shape == [0]


def test_a_beam_of_width_one_is_greedy_decoding(model, pictures):
    greedy = model.serve(pictures)
    beam = model.serving.alternatives(pictures, 1)
    np.testing.assert_array_equal(greedy["caption"], beam["captions"][:, 0])


def test_alternatives_have_tokens_with_alignments(alternatives):
    captions = alternatives["captions"].numpy()
    tokens = alternatives["tokens"].numpy()
    assert captions.shape == (5, 3)
    joined = b"".join(tokens[1, 2]).decode(errors="replace")
    assert joined.removeprefix(" ") == captions[1, 2].decode()
    assert alternatives["alignments"].shape[3:] == (4, 4)
    sums = tf.reduce_sum(alternatives["alignments"], [3, 4]).numpy()
    np.testing.assert_allclose(sums[tokens != b""], 1, rtol=1e-5)
    assert np.all(np.diff(alternatives["scores"]) <= 1e-6)


@pytest.mark.extended
def test_diverse_captions_begin_with_different_tokens(model, pictures):
    outputs = model.serving.diverse_captions(pictures, 3, tf.constant(1e3))
    for row in outputs["tokens"].numpy():
        assert len({caption[0] for caption in row}) == 3


@pytest.mark.extended
def test_a_sampled_caption_depends_on_the_seed(model, pictures):
    sample = functools.partial(
        model.serving.sample, pictures, tf.constant(1.0), tf.constant(0)
    )
    first, again, different = (
        sample(tf.constant(1.0), tf.constant(seed))["caption"].numpy().tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != different


def test_decoding_options_cannot_change_after_the_first_answer(
    model, app_with, pictures
):
    model.serve(pictures)
    config = app_with(beam_width=2).config
    with pytest.raises(RuntimeError, match="already traced"):
        model.with_decoding(config)


def test_a_saved_model_has_the_same_weights_but_no_training_tools(
    model, pictures, tmp_path
):
    model_file.save(model, tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert loaded.arguments == model.arguments
    for old, new in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(old, new)
    with pytest.raises(RuntimeError, match="cannot be trained"):
        loaded.batches(None, 4)
    inputs = {"image": tf.zeros([1, 32, 32, 3]), "captions": tf.ones([1, 3, 5])}
    with pytest.raises(RuntimeError, match="cannot be trained"):
        loaded(inputs, training=True)


@pytest.mark.slow
def test_exports_all_signatures(create, pictures, tmp_path):
    version = saved_model.publish(create(), tmp_path, {})
    signatures = tf.saved_model.load(version).signatures
    assert set(signatures) == {
        *("serving_default", "alternatives", "diverse", "sample"),
    }
    outputs = signatures["diverse"](
        image_bytes=pictures[:2], diversity=tf.constant(1.0)
    )
    assert outputs["captions"].shape == (2, 5)
    outputs = signatures["alternatives"](
        image_bytes=pictures[:2], beam_width=tf.constant(2)
    )
    assert outputs["alignments"].shape[3:] == (4, 4)
