"""What composers answer."""

import numpy as np
import pytest
import tensorflow as tf

from apps.music.data.midi import quantization
from apps.music.data.midi import reader
from apps.music.model import composer
from apps.music.model import piece_reader
from tests.apps.music import tiny

NETWORKS = (
    "nade",
    "voices",
    pytest.param("keys", marks=pytest.mark.extended),
    pytest.param("melody", marks=pytest.mark.extended),
)


def piece(network, frames, rows=1, seed=0):
    make = tiny.voices if network == "voices" else tiny.roll
    return make(frames, rows, seed)


def generate(model, primer, count=5, seed=1, temperature=1.0):
    return model.serving.generate(primer, count, temperature, 1.0, 100.0, seed)


@pytest.mark.parametrize("attention_frames", [0, 3])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_sequence_is_read_as_step_by_step(network, attention_frames):
    model = tiny.composer(network, attention_frames=attention_frames)
    frames, counts = model.serving.reader.read_input(piece(network, 7, rows=2))
    whole, _, _ = model.serving.reader.start(frames, counts)
    states = model.network.zero_states(2)
    previous = tf.fill([2, model.head.width], -1)
    for t in range(7):
        vectors, states = model.network.step(previous, states)
        np.testing.assert_allclose(vectors, whole[:, t], atol=1e-5)
        previous = frames[:, t]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_continuation_begins_with_the_primer_and_has_the_length(network):
    model = tiny.composer(network)
    primer = piece(network, 6, rows=2)
    primer = tf.concat(
        [primer, tf.concat([primer[:1, :2], -tf.ones_like(primer[:1, :2])], 0)],
        1,
    )
    outputs = generate(model, primer)
    np.testing.assert_array_equal(outputs["frames"], [13, 11])
    name = piece_reader.input_spec(network).name
    expected = primer.numpy()
    if network == "melody":  # Of which the highest notes are read.
        keys = expected * np.arange(1, 89)
        highest = keys == keys.max(-1, keepdims=True)
        expected = np.where(expected < 0, -1, expected * highest)
    np.testing.assert_array_equal(outputs[name][0, :8], expected[0])
    np.testing.assert_array_equal(outputs[name][1, :6], expected[1, :6])
    assert not np.any(outputs[name][1, 11:])


@pytest.mark.parametrize("network", ["nade", "voices"])
def test_the_file_has_the_notes_and_the_length(network):
    model = tiny.composer(network)
    outputs = generate(model, piece(network, 6))
    notes = reader.read(outputs["midi_bytes"][0].numpy(), "answer")
    assert notes.beats == 11 / 2
    np.testing.assert_array_equal(
        quantization.roll(notes, 2), outputs["roll"][0]
    )


def test_a_piece_depends_on_its_primer_and_the_seed():
    model = tiny.composer()
    primer = piece("nade", 4)
    first, again = (generate(model, primer)["roll"] for _ in range(2))
    other = generate(model, primer, seed=2)["roll"]
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_greedy_pieces_have_no_seed():
    model = tiny.composer()
    primer = piece("nade", 4)
    np.testing.assert_array_equal(
        generate(model, primer, seed=1, temperature=0.0)["roll"],
        generate(model, primer, seed=2, temperature=0.0)["roll"],
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_composes_without_a_primer(network):
    model = tiny.composer(network)
    outputs = generate(model, piece(network, 3)[:, :0])
    assert outputs["roll"].shape == (1, 5, 88)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_score_is_the_likelihood_of_the_head(network):
    model = tiny.composer(network)
    pieces = piece(network, 6)
    outputs = model.serving.score(pieces)
    frames, counts = model.serving.reader.read_input(pieces)
    vectors, _, _ = model.serving.reader.start(frames, counts)
    nats = tf.reduce_sum(model.head.nats(vectors, frames), -1)
    np.testing.assert_allclose(outputs["nats"], nats, rtol=1e-5)
    np.testing.assert_allclose(
        outputs["nats_per_frame"], np.mean(nats[:, 1:], 1), rtol=1e-5
    )


def test_padding_has_no_nats():
    model = tiny.composer()
    pieces = piece("nade", 6, rows=2).numpy()
    pieces[1, 4:] = -1
    outputs = model.serving.score(tf.constant(pieces))
    assert not np.any(outputs["nats"][1, 4:])
    alone = model.serving.score(tf.constant(pieces[1:, :4]))
    np.testing.assert_allclose(
        outputs["nats_per_frame"][1:], alone["nats_per_frame"], rtol=1e-5
    )


def test_predictions_are_the_most_probable_notes():
    model = tiny.composer("keys")
    pieces = piece("keys", 6)
    frames, counts = model.serving.reader.read_input(pieces)
    vectors, _, _ = model.serving.reader.start(frames, counts)
    np.testing.assert_array_equal(
        model.serving.predictions(pieces)["roll"],
        tf.cast(model.head.dense(vectors) > 0, tf.int32),
    )


def test_harmonies_keep_the_melody_and_the_ranges():
    model = tiny.composer("voices")
    soprano = tiny.voices(6, rows=2).numpy()[..., 0]
    soprano[1, 4:] = -1
    outputs = model.serving.harmonize(tf.constant(soprano), 1.0, 1.0, 100.0, 0)
    np.testing.assert_array_equal(outputs["frames"], [6, 4])
    voices = outputs["voices"].numpy()
    np.testing.assert_array_equal(voices[0, :, 0], soprano[0])
    np.testing.assert_array_equal(voices[1, :4, 0], soprano[1, :4])
    for voice, (low, high) in enumerate(tiny.VOICE_RANGES):
        pitches = voices[0, :, voice]
        inside = (pitches >= low + 20) & (pitches <= high + 20)
        assert ((pitches == 0) | inside).all()


@pytest.mark.parametrize("soprano", [[], [-1]])
def test_an_empty_melody_has_an_empty_harmony(soprano):
    soprano = tf.constant([soprano], tf.int32)
    harmonize = tiny.composer("voices").serving.harmonize
    outputs = harmonize(soprano, 1.0, 1.0, 100.0, 0)
    assert outputs["frames"].numpy().tolist() == [0]
    assert outputs["voices"].shape == (1, 0, 4)
    assert outputs["roll"].shape == (1, 0, 88)


@pytest.mark.parametrize("network", NETWORKS)
def test_an_empty_piece_has_no_nats(network):
    nothing = -tf.ones_like(piece(network, 1))
    outputs = tiny.composer(network).serving.score(nothing)
    assert outputs["nats"].shape == (1, 0)
    assert outputs["nats_per_frame"].numpy().tolist() == [0]


def test_harmonies_depend_on_notes_that_follow():
    """The whole melody is read first."""
    model = tiny.composer("voices")
    soprano = tiny.voices(6).numpy()[..., 0]
    changed = soprano.copy()
    changed[0, -1] += 5
    contexts = [
        model.network.reader(
            tf.constant(melody - 20), tf.constant([6]), tf.ones([1])
        )
        for melody in (soprano, changed)
    ]
    assert np.any(contexts[0][0, 0] != contexts[1][0, 0])


@pytest.mark.parametrize("network", NETWORKS)
def test_steps_compose_frame_after_frame(network):
    """Greedily, they are the frames of `generate`."""
    model = tiny.composer(network)
    expected = generate(model, piece(network, 3)[:, :0], temperature=0.0)
    name = piece_reader.input_spec(network).name
    frame = tf.fill([1, expected[name].shape[-1]], -1)
    states = model.network.zero_states(1)
    for t in range(5):
        outputs = model.serving.step(frame, *states, 0.0, 1.0, t)
        frame = outputs.pop("next_frame")
        states = list(outputs.values())
        np.testing.assert_array_equal(frame, expected[name][:, t])


def test_a_piece_that_is_too_long_is_refused():
    model = tiny.composer("keys")
    roll = tf.zeros([1, piece_reader.MAX_FRAMES + 1, 88], tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="10,000 frames"):
        model.serving.score(roll)


def test_harmonies_of_a_frame_do_not_depend_on_those_before():
    """In training, too, the lower voices are hidden behind a known melody."""
    model = tiny.composer("voices")
    frames = tf.constant([[[-1, -1, -1, -1], [40, 38, 30, 25]]] * 2)
    alone = composer._melody_alone(frames, tf.constant([1.0, 0.0]))
    np.testing.assert_array_equal(alone[0], [[-1] * 4, [40, 0, 0, 0]])
    np.testing.assert_array_equal(alone[1], frames[1])
    melody, counts = tf.constant([[40, 45, 44]]), tf.constant([3])
    context = model.network.reader(melody, counts, tf.ones([1]))
    previous = tf.constant([[[-1] * 4, [40, 0, 0, 0], [45, 0, 0, 0]]])
    states = model.network.zero_states(1)
    vectors, _ = model.network(previous, counts, states, context)
    np.testing.assert_allclose(
        model.network.of_melody(melody, counts), vectors, atol=1e-6
    )
