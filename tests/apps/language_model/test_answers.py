"""The signatures of a model: scores, generated texts, single steps."""

import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from apps.language_model.config import LanguageModelConfig
from apps.language_model.model import language_model
from apps.language_model.model import vocabulary
from apps.language_model.model import writer
from common.export import saved_model
from tests.apps.language_model.tiny import WORDS
from tests.apps.language_model.tiny import build_model

ODD = [
    "",
    " \n\t",
    "qwxyz zyxwq",
    "\N{GRINNING FACE} \u200d",
    "nul\x00bytes",
    b"\xff\xfe\xc3(\xe2\x82",
    "the dog " * 12_500,  # 100,000 characters.
    "the dog\nnear",
]


@pytest.fixture(scope="module")
def model():
    """Returns a model of words that all tests share and none changes."""
    return build_model()


@pytest.mark.extended
def test_scores_token_by_token_equal_those_of_the_whole_text(model):
    words = np.random.default_rng(0).choice([*WORDS, "?"], 200)
    text = " ".join(words)
    score = model.scorer.score(tf.constant([text]))
    step = model.signatures()["step"]
    ids = model.vocabulary.lines(tf.constant([text]))[0]
    spec = step.input_signature
    state = {s.name: tf.zeros([1, s.shape[1]]) for s in spec[1:]}
    total, last = 0.0, vocabulary.END
    outputs = model.scorer.score_tokens(tf.constant(text))
    each = outputs["log_probabilities"]
    for token, expected in zip(ids.numpy(), each.numpy(), strict=True):
        state = step(tf.constant([last]), *state.values())
        logs = tf.nn.log_softmax(state.pop("logits"))[0]
        np.testing.assert_allclose(logs[token], expected, atol=1e-5)
        total, last = total + float(logs[token]), token
    np.testing.assert_allclose(score["log_probability"], [total], rtol=1e-5)
    assert score["tokens"] == 201
    np.testing.assert_allclose(
        score["perplexity"], [np.exp(-total / 201)], rtol=1e-5
    )


def test_the_states_of_a_step_are_those_of_the_network_layer_by_layer():
    """A step returns states in the order in which the next one takes them."""
    model = build_model(cell="simple_rnn", depth=2)
    step = model.signatures()["step"]
    tokens = tf.constant([[2, 3, 4]])
    state = {
        s.name: tf.zeros([1, s.shape[1]]) for s in step.input_signature[1:]
    }
    assert [*state] == ["layer_1_state_1", "layer_2_state_1"]
    for token in tf.unstack(tokens, axis=1):
        state = step(token, *state.values())
        del state["logits"]
    _, expected = model.network(tokens, model.network.zero_states(1))
    for value, other in zip(state.values(), expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-5)


@pytest.mark.slow
def test_a_hundred_thousand_steps_do_not_leak_memory(tmp_path):
    model = build_model(units=50, embedding_size=50, depth=2)
    path = saved_model.publish(model, tmp_path, {})
    loaded = tf.saved_model.load(path)
    step = loaded.signatures["step"]
    specs = step.structured_input_signature[1]
    state = {
        name: tf.zeros([1, spec.shape[1]])
        for name, spec in specs.items()
        if name != "ids"
    }

    def resident_megabytes():
        with open("/proc/self/status") as lines:
            line = next(line for line in lines if "VmRSS" in line)
        return int(line.split()[1]) / 1024

    sizes = []
    for i in range(101_000):
        state = step(ids=tf.constant([i % 10]), **state)
        del state["logits"]
        if i % 1000 == 999:
            sizes.append(resident_megabytes())
    assert max(sizes[1:]) - sizes[0] < 10


def test_ids_encode_and_decode_texts(model):
    signatures = model.signatures()
    encoded = signatures["encode"](tf.constant(["the dog", "", "zzz"]))
    assert encoded["ids"].numpy().tolist() == [2, 3, 0]
    assert encoded["lengths"].numpy().tolist() == [2, 0, 1]
    # Ids out of range are clipped.
    tokens = signatures["decode"](tf.constant([3, 1, -5, 99]))["tokens"]
    assert tokens.numpy().tolist() == [b"dog", b"<eos>", b"<unk>", b"sad"]


def test_an_empty_text_has_one_token_its_end(model):
    texts = ["", "\n", "dog\n", "dog", "dog\n\n"]
    score = model.scorer.score(tf.constant(texts))
    assert score["tokens"].numpy().tolist() == [1, 1, 2, 2, 3]
    log_probabilities = score["log_probability"].numpy()
    assert log_probabilities[0] == log_probabilities[1]
    assert log_probabilities[2] == log_probabilities[3]


@pytest.mark.extended
def test_odd_input_is_answered_alone_as_in_a_batch(model):
    together = model.serve(tf.constant(ODD))["text"].numpy()
    scores = model.scorer.score(tf.constant(ODD))["log_probability"].numpy()
    assert np.isfinite(scores).all()
    for i, text in enumerate(ODD):
        assert model.serve(tf.constant([text]))["text"] == together[i]
        alone = model.scorer.score(tf.constant([text]))["log_probability"]
        np.testing.assert_allclose(alone, scores[i : i + 1], rtol=1e-4)
        assert len(together[i].decode()) > 0 or not text


def sampling(temperature=1.0, penalty=1.0, length=30, seed=0):
    """Returns the arguments of `generate` after the prefix."""
    return temperature, 0, 1.0, penalty, length, seed


def generated(model, *arguments):
    outputs = model.writer.generate(tf.constant(["the"]), *sampling(*arguments))
    return outputs["text"].numpy()[0].decode()


def assert_generated_texts_continue(model):
    for prefix in ("a b", "", "a\n", "?"):
        outputs = model.writer.generate(tf.constant([prefix]), *sampling())
        text = outputs["text"].numpy()[0].decode()
        assert text.startswith(prefix)
        assert "<unk>" not in text
        lengths = model.vocabulary(tf.constant([text, prefix])).row_lengths()
        assert int(lengths[0] - lengths[1]) == 30


def test_generated_words_continue_the_prefix(model):
    assert_generated_texts_continue(model)


@pytest.mark.extended
def test_generated_characters_continue_the_prefix():
    assert_generated_texts_continue(
        build_model(level="character", tokens=["a", "b", " "])
    )


@pytest.mark.extended
def test_all_arguments_of_generate_except_the_prefix_are_optional(
    model, tmp_path
):
    text = model.writer.generate(tf.constant(["the"]))["text"]
    values = dict(temperature=0.8, top_k=0, top_p=0.95, repetition_penalty=1.0)
    arguments = [*map(tf.constant, values.values()), 40, 0]
    explicit = model.writer.generate(tf.constant(["the"]), *arguments)["text"]
    assert text == explicit
    only_generate = types.SimpleNamespace(
        serve=model.writer.generate,
        signatures=lambda: {"generate": model.writer.generate},
        variables=model.variables,
        _layers=[model.vocabulary],
    )
    folder = saved_model.publish(only_generate, tmp_path, {})
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    signature = saved.meta_graphs[0].signature_def["generate"]
    defaults = {
        name: tf.make_ndarray(value).item()
        for name, value in signature.defaults.items()
    }
    assert defaults == pytest.approx({**values, "length": 40, "seed": 0})


def test_the_text_depends_on_the_seed_unless_decoding_is_greedy(model):
    texts = {generated(model, 1.0, 1.0, 30, seed) for seed in (0, 0, 1, 2)}
    assert len(texts) == 3
    greedy = {generated(model, 0.0, 1.0, 30, seed) for seed in (1, 2)}
    assert len(greedy) == 1


def test_a_repetition_penalty_gives_more_different_words(model):
    words = [set(generated(model, 0.0, p).split()) for p in (1.0, 100.0)]
    assert len(words[1]) > len(words[0])


def test_completions_have_the_probabilities_of_the_score(model):
    outputs = model.writer.complete(tf.constant(["the dog", ""]), 99)
    probabilities = outputs["probabilities"].numpy()
    assert probabilities.shape == (2, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    rank = outputs["tokens"].numpy()[0].tolist().index(b"bark")
    _, log_probabilities, expected = model.scorer.score_tokens(
        tf.constant("the dog bark")
    ).values()
    np.testing.assert_allclose(
        probabilities[0, rank], np.exp(log_probabilities[2]), rtol=1e-5
    )
    p = probabilities[0]
    np.testing.assert_allclose(expected[2], np.sum(p * np.log(p)), rtol=1e-5)


@pytest.mark.extended
def test_decoding_options_are_fixed_after_the_first_trace():
    model = build_model()
    config = LanguageModelConfig(temperature=0.0, length=3, seed=1)
    assert model.with_decoding(config) is model
    assert model.writer.options == writer.DecodingOptions(
        temperature=0.0, length=3, seed=1
    )
    text = model.serve(tf.constant(["the"]))["text"].numpy()[0].decode()
    assert len(text.split()) <= 4
    model.with_decoding(config)  # The same options are no change.
    with pytest.raises(RuntimeError, match="already traced"):
        model.with_decoding(LanguageModelConfig(length=4))


def test_the_config_of_a_model_keeps_its_flat_keys():
    """Saved runs have them; see also the former names of options."""
    model = build_model(samples=4, tied=False)
    config = model.get_config()
    assert {"tokens", "level", "samples", "cell", "tied"} < set(config)
    copy = language_model.LanguageModel.from_config(config)
    assert copy.arguments == model.arguments
    assert keras.saving.get_registered_name(type(model)) == (
        "unroll>LanguageModel"
    )
