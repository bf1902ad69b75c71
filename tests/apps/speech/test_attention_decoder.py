"""Tests of the decoder with attention: teacher forcing, search, words."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.speech.cli import figures
from apps.speech.config import SpeechConfig
from apps.speech.model import attention_decoder
from apps.speech.model import words
from apps.speech.model.recognizer import Recognizer
from common.audio import decode
from common.audio import writing
from common.errors import UsageError
from common.export import saved_model
from common.training import transfer
from tests.apps.speech import conftest
from tests.apps.speech import test_serving

RATE = 8000
STEPS = 200  # Of training, until four recordings are known by heart.


@pytest.fixture(scope="session")
def speller(create):
    """A recognizer whose decoder attends; its weights are random."""
    return create(decoder="attention")


@pytest.mark.extended
@pytest.mark.parametrize(
    "answers",
    [
        test_serving.test_a_recording_has_its_transcript_in_any_batch,
        test_serving.test_alternatives_are_ordered_and_the_first_is_the_transcript,
        test_serving.test_words_are_those_of_the_transcript_in_order,
    ],
)
def test_answers_have_the_form_of_those_of_ctc(answers, speller, wav_files):
    answers(speller, wav_files)


@pytest.mark.extended
def test_a_file_that_is_no_recording_has_no_words(speller, wav_files):
    test_serving.test_a_file_that_is_no_recording_has_no_words(
        speller, wav_files
    )


def test_the_score_is_that_of_teacher_forcing(speller, wav_files):
    @tf.function(autograph=False)
    def run(samples, counts):
        states, steps = speller.encode(samples, counts)
        decoded = speller.decoder.search(states, steps)
        tokens = decoded.tokens[0]
        width = tf.shape(tokens)[0]
        start = tf.fill([width, 1], speller.decoder.edge)
        states, counts = (tf.repeat(v, width, 0) for v in (states, steps))
        logits, *_ = speller.decoder(
            states, counts, tf.concat([start, tokens], 1)[:, :-1]
        )
        return decoded, logits, steps[0]

    samples, counts, _ = decode.read([wav_files[8123]], RATE)
    decoded, logits, limit = run(samples, counts)
    # Padding is never written.
    log_probs = tf.nn.log_softmax(logits[..., 1:]).numpy()
    for row, length in enumerate(decoded.lengths[0].numpy()):
        tokens = [*decoded.tokens[0, row, :length].numpy()]
        assert all(0 < token < speller.decoder.edge for token in tokens)
        if length < limit:
            tokens.append(speller.decoder.edge)
        expected = sum(log_probs[row, i, t - 1] for i, t in enumerate(tokens))
        np.testing.assert_allclose(
            decoded.score[0, row], expected, rtol=1e-3, atol=1e-3
        )


@pytest.mark.extended
def test_a_long_transcript_is_cut_off_without_an_end(speller, monkeypatch):
    monkeypatch.setattr(attention_decoder, "MAX_CHARACTERS", 3)
    ids = tf.ragged.constant([[4, 5, 6, 7], [4, 5, 6], [4, 5], []], tf.int32)
    inputs, targets = speller.decoder.preprocess(ids)
    edge = speller.decoder.edge
    assert targets.to_list() == [[4, 5, 6], [4, 5, 6], [4, 5, edge], [edge]]
    assert inputs["tokens"].to_list() == [
        *([edge, 4, 5], [edge, 4, 5], [edge, 4, 5], [edge])
    ]


def test_neighboring_states_are_joined():
    states = 1.0 + tf.reshape(tf.range(20, dtype=tf.float32), [2, 5, 2])
    places, mask = attention_decoder.joined(states, tf.constant([5, 3]))
    expected = np.zeros((2, 2, 8))
    expected[0, 0], expected[0, 1, :2] = np.arange(1, 9), [9, 10]
    expected[1, 0, :6] = np.arange(11, 17)
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(mask, [[True, True], [True, False]])


def test_attention_far_from_the_diagonal_costs():
    rng = np.random.default_rng(0)
    alignments = rng.random((2, 3, 4)).astype(np.float32)
    is_token = np.array([[True, True, True], [True, True, False]])
    places = np.array([4, 2])
    costs = []
    for row, tokens in enumerate((3, 2)):
        alignments[row, :, places[row] :] = 0
        for i, j in np.ndindex(tokens, int(places[row])):
            distance = (i + 0.5) / tokens - (j + 0.5) / places[row]
            weight = 1 - np.exp(-(distance**2) / (2 * 0.2**2))
            costs.append(weight * alignments[row, i, j])
    cost = attention_decoder.off_diagonal(alignments, is_token, places)
    np.testing.assert_allclose(cost, sum(costs) / 5, rtol=1e-5)


def test_places_become_the_nearest_times_that_ascend():
    rng = np.random.default_rng(0)
    steps, counts = 100, [30, 8, 1, 0]
    times = rng.integers(40, 60, (4, 30)).astype(np.float32)
    results = words.ascending(
        tf.constant(times), tf.constant(counts), tf.fill([4], steps)
    ).numpy()
    for row, count in enumerate(counts):
        time, ascending = times[row, :count], results[row, :count]
        assert (np.diff(ascending) >= 1 - 1e-4).all()
        # No other times are nearer: two in the wrong order must meet.
        excess = time - np.arange(count)
        least = max(
            (
                excess[i] - excess[j]
                for i in range(count)
                for j in range(i, count)
            ),
            default=0,
        )
        change = np.abs(ascending - time).max(initial=0)
        np.testing.assert_allclose(change, least / 2, atol=1e-4)


def test_times_stay_within_the_recording():
    times = tf.constant([[900.0, -5, 300, 8]])
    result = words.ascending(times, tf.constant([4]), tf.constant([4]))
    np.testing.assert_allclose(result, [[0.5, 1.5, 2.5, 3.5]], atol=1e-5)


@pytest.mark.extended
def test_exports_what_it_predicts(speller, wav_files, tmp_path):
    contents = tf.constant(list(wav_files.values()))
    expected = speller.serve(contents)
    folder = saved_model.publish(speller, tmp_path / "exports", {})
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    speller.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    weights = zip(loaded.trainable_variables, speller.trainable_variables)
    for one, other in weights:
        np.testing.assert_array_equal(one, other)
    for name, values in serve(contents).items():
        np.testing.assert_array_equal(values, expected[name])


@pytest.mark.extended
def test_starts_from_the_encoder_of_a_model_with_ctc(create, model):
    start = create(decoder="attention")
    matches = transfer.copy(
        model, start, model.named_rows(), start.named_rows()
    )
    assert transfer.fits(matches)
    for one, other in zip(
        model.encoder.trainable_variables, start.encoder.trainable_variables
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.extended
def test_a_picture_names_each_character_at_its_place(speller, wav_files):
    content = wav_files[20_000]
    outputs = speller.serve(tf.constant([content]))
    values = {name: v[0].numpy() for name, v in outputs.items()}
    axes, *_ = figures.recording(speller, content, values).axes
    assert axes.get_ylabel() == "attention"
    curves = [line.get_ydata() for line in axes.lines]
    np.testing.assert_allclose(np.sum(curves, 1), 1, rtol=1e-5)
    peaks = [((curve.argmax() + 0.5) * 0.08, curve.max()) for curve in curves]
    named = [text.xy for text in axes.texts if hasattr(text, "xy")]
    np.testing.assert_allclose(named, peaks, rtol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"language_model": "texts.txt"},
        {"word_list": "words.txt"},
        {"word_bonus": -0.5},
        {"stream": True},
        {"format": "onnx"},
    ],
)
def test_options_of_ctc_have_a_remedy(options):
    (name,) = options
    with pytest.raises(UsageError, match=f"--{name}=.*--decoder=ctc"):
        SpeechConfig(decoder="attention", **options)
    SpeechConfig(**options)


def test_no_streams(create):
    forward = create(decoder="attention", bidirectional=False)
    assert not forward.signatures()


@pytest.mark.extended
def test_learns_recordings_and_silence_by_heart(recordings):
    contents = [recording.content for recording in recordings[:4]]
    contents[3] = writing.wav_file(np.zeros(6000, np.float32), RATE)
    transcripts = [*(r.transcript for r in recordings[:3]), ""]
    examples = tf.data.Dataset.from_tensor_slices(
        ({"audio": contents}, {"transcript": transcripts})
    )
    keras.utils.set_random_seed(0)
    unchanged = dict.fromkeys(
        ["speed", "pitch", "noise", "gain", "mask_share", "dropout"], 0.0
    )
    config = SpeechConfig(
        **{**conftest.SMALL, **unchanged, "units": 32, "epochs": 1},
        decoder="attention",
        learning_rate=1e-2,
    )
    model = Recognizer.create(config, examples, STEPS)
    for x, y in model.batches(examples, 4)(None).repeat(STEPS):
        model.train_on_batch(x, y)
    model = model.with_decoding(config)
    outputs = {
        name: value.numpy()
        for name, value in model.serve(tf.constant(contents)).items()
    }
    assert [t.decode() for t in outputs["transcript"]] == transcripts
    assert outputs["word_confidence"][outputs["words"] != b""].min() > 0.5
    # Attention follows the recording.
    last = outputs["word_end"].max(1)[:3]
    assert (last > outputs["seconds"][:3] / 2).all()
