"""Translators: training and decoding agree, and any text is answered."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.translation.data import sentences
from apps.translation.model.translator import Translator
from common.text import byte_tokenizer
from common.training import model_file
from common.training import train_step
from tests import variants
from tests.apps.translation import tiny

ODD = ["", "   ", "word " * 10_000, "汉字 и кириллица 😀", "a\0b", "\xff" * 9]
VARIANTS = [
    {},
    {"attention": "luong", "input_feeding": True, "cell": "gru"},
    {"attention": "none", "depth": 2, "bidirectional": False},
    {"reverse_source": True, "bidirectional": False},
    {"depth": 3, "residual": True, "cell": "peephole_lstm"},
    {"tied": False, "tokenizer": "words"},
    {"tokenizer": "characters", "cell": "simple_rnn"},
    {"depth": 2, "input_feeding": True, "cell": "layer_norm_lstm"},
]


@pytest.fixture(
    scope="module",
    params=[
        *VARIANTS[:2],
        pytest.param(VARIANTS[2], marks=pytest.mark.extended),
        *[pytest.param(v, marks=pytest.mark.slow) for v in VARIANTS[3:]],
    ],
    ids=str,
)
def variant(request):
    return request.param, tiny.translator(**request.param)


@pytest.mark.usefixtures("eager")
def test_decoding_steps_have_the_logits_of_training(variant):
    options, model = variant
    inputs, targets = tiny.inputs_of(model)
    expected = tf.nn.log_softmax(model(inputs))
    step, states = model.start_decoding(inputs["source"], 1)
    for t in range(inputs["target"].shape[1]):
        logits, states, alignments = step(inputs["target"][:, t], states)
        is_token = targets[:, t] > 0
        np.testing.assert_allclose(
            tf.nn.log_softmax(logits)[is_token],
            expected[:, t][is_token],
            atol=1e-5,
        )
        if options.get("attention") != "none":
            np.testing.assert_allclose(tf.reduce_sum(alignments, 1), 1, 1e-5)


@pytest.mark.usefixtures("eager")
def test_padding_changes_nothing(variant):
    _, model = variant
    inputs, _ = tiny.inputs_of(model)
    expected = model(inputs)
    padded = {k: tf.pad(v, [[0, 0], [0, 3]]) for k, v in inputs.items()}
    steps = inputs["target"].shape[1]
    np.testing.assert_allclose(model(padded)[:, :steps], expected, atol=1e-5)


@pytest.mark.usefixtures("eager")
def test_reading_backward_keeps_the_order_of_the_memory():
    model = tiny.translator(reverse_source=True, bidirectional=False)
    tokens = tf.constant([[5, 6, 2, 0], [7, 8, 9, 2]])
    memory, mask, _ = model.encode(tokens)
    # The last token is read first: its state does not depend on the others.
    changed, _, _ = model.encode(tf.constant([[9, 6, 2, 0], [7, 8, 9, 2]]))
    same = np.isclose(memory, changed).all(-1)
    assert same[0].tolist()[:3] == [False, True, True]
    assert mask.numpy().tolist() == [[True] * 3 + [False], [True] * 4]


@pytest.mark.parametrize(
    "options",
    [
        *[pytest.param(v, marks=pytest.mark.slow) for v in VARIANTS],
        pytest.param(
            {"teacher_forcing": 0.5, "bidirectional": False, "dropout": 0.3},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"label_smoothing": 0.1, "input_feeding": True, "dropout": 0.3},
            marks=pytest.mark.slow,
        ),
    ],
    ids=str,
)
def test_a_training_step_changes_all_weights(options):
    config = tiny.config(**options)
    model = Translator.create(config, tiny.examples(tiny.SHORT), 1)
    batch = tiny.inputs_of(model)
    model(batch[0])
    model.test_step(batch)  # Creates the metrics.
    norm = keras.metrics.Mean()
    spec = tf.nest.map_structure(
        lambda t: tf.TensorSpec([None, None], t.dtype), batch
    )
    model.optimizer.build(model.trainable_variables)
    before = [v.numpy() for v in model.trainable_variables]
    step = train_step.training_step(model, 1.0, norm, spec)
    assert step(batch) == -1
    for old, variable in zip(before, model.trainable_variables):
        assert np.any(old != variable.numpy()), variable.path


@pytest.mark.extended
@pytest.mark.parametrize(
    "tokenizer", variants.extended(["subwords", "words"], "subwords")
)
def test_a_start_gives_its_tokens_and_known_words(tokenizer):
    config = tiny.config(tokenizer=tokenizer)
    further = tiny.examples([("Yaks ruminate.", "Yaks kauen."), ("A", "Ein")])
    start = Translator.create(config, tiny.examples(tiny.SHORT), 1)
    model = Translator.create(config, further, 1, start)
    for name in ("source", "target"):
        tokens = getattr(start, name).tokens
        assert getattr(model, name).tokens[: len(tokens)] == tokens
    unknown, words = model.count_unknown(tf.constant(["A cook ruminate fog."]))
    assert (unknown, words) == (1, 4)


@pytest.mark.extended
def test_batches_have_little_padding():
    model = tiny.translator(max_tokens=200)
    examples = tiny.examples(sentences.pairs(60, "batches"))
    shares = [
        np.mean(inputs["source"] == 0)
        for inputs, _ in model.batches(examples, 4)(None)
    ]
    assert np.mean(shares) < 0.2


def test_a_text_that_is_cut_off_has_no_end_mark(model):
    limit = model.arguments.max_tokens
    texts = tf.constant(["eins", "eins " * limit])
    short, long = model.generator.tokens(texts).to_list()
    assert short[0] == long[0] == byte_tokenizer.START
    assert short[-1] == byte_tokenizer.END and byte_tokenizer.END not in long
    assert len(long) == limit + 2


@pytest.mark.extended
@pytest.mark.usefixtures("eager")
def test_a_saved_model_is_loaded_with_all_it_needs(tmp_path):
    model = tiny.translator(teacher_forcing=0.5)
    model_file.save(model, tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.arguments == model.arguments
    inputs, _ = tiny.inputs_of(loaded)
    np.testing.assert_array_equal(loaded(inputs), model(inputs))


def test_a_model_without_known_words_is_loaded():
    older = tiny.translator()
    config = older.get_config()
    del config["known_words"]
    loaded = type(older).from_config(config)
    assert loaded.count_unknown(tf.constant(["Blorb."])) == (0, 0)


def test_odd_sentences_are_answered(model):
    outputs = model.serve(tf.constant(ODD))
    assert outputs["translation"].numpy()[:2].tolist() == [b"", b""]
    assert np.isfinite(outputs["score"]).all()
    tokens = model.signatures()["alternatives"](tf.constant(ODD), 1)["tokens"]
    assert tokens.shape[2] <= model.arguments.max_tokens
    empty = model.serve(tf.constant([], tf.string))
    assert empty["translation"].shape == [0]


@pytest.mark.extended
def test_a_beam_of_one_translates_as_greedy_decoding(exports, trained_model):
    text = tiny.texts(20, "beam")
    serve = tf.saved_model.load(exports[1]).signatures["serving_default"]
    greedy = serve(text=text)
    beam = trained_model.signatures()["alternatives"](text, 1)
    np.testing.assert_array_equal(
        beam["translations"][:, 0], greedy["translation"]
    )
    np.testing.assert_allclose(beam["scores"][:, 0], greedy["score"], 1e-3)


def test_serve_returns_the_best_of_the_beam(model):
    text = tiny.texts(4, "beam")
    best = model.serve(text)
    beam = model.signatures()["alternatives"](text, 3)
    np.testing.assert_array_equal(
        beam["translations"][:, 0], best["translation"]
    )
    # Without a length penalty the score is the log probability.
    np.testing.assert_allclose(beam["scores"][:, 0], best["score"], 1e-3)


def test_decoding_options_cannot_change_after_the_first_answer(app, model):
    model.serve(tiny.texts(1, "first"))
    with pytest.raises(RuntimeError, match="already traced"):
        model.with_decoding(tiny.changed(app, beam_width=1).config)


def test_alternatives_are_ordered_and_have_tokens_and_alignments(model):
    text = tf.constant([source for source, _ in tiny.SHORT])
    outputs = model.signatures()["alternatives"](text, 3)
    assert outputs["translations"].shape == [3, 3]
    assert (np.diff(outputs["scores"], axis=1) <= 0).all()
    places, steps = (
        outputs["source_tokens"].shape[1],
        outputs["tokens"].shape[2],
    )
    assert outputs["alignments"].shape == [3, 3, steps, places]
    joined = tf.strings.reduce_join(outputs["source_tokens"], -1)
    np.testing.assert_array_equal(tf.strings.strip(joined), text)


@pytest.mark.extended
def test_samples_are_reproduced_by_their_seed(model):
    text = tiny.texts(4, "draw")
    sample = model.signatures()["sample"]

    def drawn(seed, text=text, temperature=1.0):
        outputs = sample(text, temperature, 0, 1.0, seed)
        return outputs["translation"].numpy().tolist()

    first = drawn(1)
    assert first == drawn(1) != drawn(2)
    assert drawn(1, text[2:3]) == first[2:3]
    greedy = model.signatures()["alternatives"](text, 1)["translations"]
    assert drawn(1, temperature=0.0) == greedy[:, 0].numpy().tolist()
