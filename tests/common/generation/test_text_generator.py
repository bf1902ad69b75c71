"""Text generators: options, marks, and models that have one as a part."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.generation import text_generator
from common.generation.text_generator import DecodingOptions
from common.text import byte_tokenizer
from common.text import byte_words

VOCABULARY = 259
LIMITS = tf.constant([4, 6])
RNG = np.random.default_rng(0)


@keras.saving.register_keras_serializable("test")
class Speller(keras.Model):
    """The next token depends on the last one, and on one input number."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.table = keras.layers.Embedding(VOCABULARY, VOCABULARY)
        self.target = byte_words.Words([])
        self.generator = text_generator.TextGenerator(
            self.target, 6, self.start_decoding, lambda encoded: encoded > 0
        )

    def build(self, input_shape):
        self.table.build(input_shape)

    def call(self, tokens):
        return self.table(tokens)

    def start_decoding(self, encoded, width):
        def step(tokens, state):
            alignments = tf.nn.softmax(state)
            return self(tokens) * 9 + state[:, :1], state, alignments

        return step, encoded

    @tf.function(input_signature=[tf.TensorSpec([None, 3])], autograph=False)
    def serve(self, encoded):
        decoded = self.generator.best(encoded, LIMITS)
        return self.target.join(decoded.tokens[:, 0])


@pytest.fixture
def speller():
    keras.utils.set_random_seed(0)
    model = Speller()
    model(tf.constant([[1]]))
    return model


ENCODED = tf.constant(RNG.normal(size=(2, 3)), tf.float32)


def test_tokens_have_marks_unless_they_are_cut_off(speller):
    short, long = speller.generator.tokens(
        tf.constant(["ab", "abcdefgh"])
    ).to_list()
    assert short[0] == long[0] == byte_tokenizer.START
    assert short[-1] == byte_tokenizer.END
    assert len(long) == 8 and byte_tokenizer.END not in long


def test_options_decide_how_the_best_text_is_decoded(speller):
    generator = speller.generator
    greedy = generator.best(ENCODED, LIMITS)
    assert greedy.tokens.shape[1] == 1
    options = DecodingOptions(3, length_penalty=0.5, coverage_penalty=0.1)
    other = Speller()
    other(tf.constant([[1]]))
    other.set_weights(speller.get_weights())
    other.generator.configure(options)
    beam = other.generator.best(ENCODED, LIMITS)
    assert beam.tokens.shape[1] == 3
    searched = other.generator.search(ENCODED, LIMITS, 3)
    np.testing.assert_array_equal(beam.score, searched.score)


def test_options_cannot_be_set_after_a_graph_is_traced(speller):
    speller.generator.configure(DecodingOptions(2))
    speller.serve(ENCODED)
    speller.generator.configure(DecodingOptions(2))
    with pytest.raises(RuntimeError, match="already traced"):
        speller.generator.configure(DecodingOptions(1))


def test_a_coverage_penalty_needs_attention(speller):
    generator = text_generator.TextGenerator(
        speller.target, 6, speller.start_decoding
    )
    with pytest.raises(ValueError, match="attended_places"):
        generator.configure(DecodingOptions(2, coverage_penalty=1.0))


def test_diverse_texts_differ(speller):
    decoded = speller.generator.search_diverse(ENCODED, LIMITS, 3, 1e6)
    for row in decoded.tokens[:, :, 0].numpy():
        assert len(set(row.tolist())) == 3


def test_samples_depend_on_text_and_seed(speller):
    texts = tf.constant(["one", "two"])
    seeds = text_generator.seeds_of(texts, 5).numpy()
    assert seeds[0] != seeds[1]
    assert text_generator.seeds_of(texts[1:], 5) == seeds[1]
    sampled = [
        speller.generator.sample(
            ENCODED, LIMITS, text_generator.seeds_of(texts, seed)
        ).tokens.numpy()
        for seed in (1, 1)
    ]
    np.testing.assert_array_equal(*sampled)


def test_a_model_is_saved_and_exported_with_its_generator(speller, tmp_path):
    assert speller.layers == [speller.table, speller.target]
    expected = speller.serve(ENCODED)
    speller.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.serve(ENCODED), expected)
    module = tf.Module()
    module.parts = [v.value for v in speller.variables], speller.target.table
    concrete = speller.serve.get_concrete_function()  # It is traced once.
    tf.saved_model.save(
        module, tmp_path / "saved", {"serving_default": concrete}
    )
    serve = tf.saved_model.load(tmp_path / "saved").signatures[
        "serving_default"
    ]
    (served,) = serve(ENCODED).values()
    np.testing.assert_array_equal(served, expected)
