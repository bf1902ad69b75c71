"""The answerer with each network, and what is particular to a network.

Networks are built once. Stories are asked about in batches of equal shape,
because the layers are compiled for each shape.
"""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.qa.config import QAConfig
from apps.qa.model import answerer
from apps.qa.model import attribution
from apps.qa.model import sentence_vectors
from common import options
from common.training import model_file
from tests import variants

OPTIONS = {
    "lstm": {
        "embedding_size": 5,
        "cell": "gru",
        "units": 6,
        "depth": 1,
        "dropout": 0.1,
    },
    "memory_network": {
        "max_sentences": 6,
        "units": 6,
        "hops": 2,
        "dropout": 0.1,
        "linear_steps": 0,
    },
    "entity_network": {"units": 6, "slots": 3, "dropout": 0.1, "max_words": 7},
}
every_network = pytest.mark.parametrize("name", OPTIONS)
# To trace an answer or a training step takes seconds.
every_answer = pytest.mark.parametrize(
    "name", variants.extended(OPTIONS, "memory_network")
)
WORDS = ["anna", "took", "the", "cup", "ball", ",", "attic", "where", "is"]
ANSWERS = ["attic", "ball,cup", "yes"]
ODD_TEXTS = [
    "",
    " \n\t",
    "?",
    "qwxyz",
    b"\xff\xfe\xc3(\xe2\x82",
    "nul\x00bytes\x00here.",
    "Anna took the cup. " * 1000,
    "word " * 10_000,
]
BATCH = 64
# Fills a batch: the longest story and question that are read.
LONGEST = ("the cup the cup the cup the.\n" * 6, "is the cup the ball the cup")


def make_answerer(name, **changes):
    keras.utils.set_random_seed(0)
    arguments = answerer.Arguments(
        WORDS, ANSWERS, 7, 6, name, OPTIONS[name] | changes
    )
    model = answerer.Answerer(arguments)
    model.build(None)
    return model


@pytest.fixture(scope="module")
def shared():
    """Returns a function from the name of a network to its only answerer."""
    return functools.cache(make_answerer)


def ask(model, *pairs):
    """Returns the outputs for pairs of a story and a question."""
    padded = [*pairs, *[LONGEST] * (BATCH - len(pairs))]
    story, question = map(list, zip(*padded, strict=True))
    outputs = model.serve(tf.constant(story), tf.constant(question))
    return {n: value.numpy()[: len(pairs)] for n, value in outputs.items()}


@every_answer
def test_odd_stories_and_questions_are_answered(shared, name):
    pairs = [(a, b) for a in ODD_TEXTS for b in ODD_TEXTS[:5] + ODD_TEXTS[-1:]]
    outputs = ask(shared(name), *pairs)
    assert np.isfinite(outputs["probability"]).all()
    assert {*outputs["answer"]} <= {answer.encode() for answer in ANSWERS}


@every_answer
def test_a_story_alone_is_answered_as_in_a_batch(shared, name):
    pairs = [
        ("Anna took the cup. Anna took the ball.", "Where is Anna?"),
        ("Anna is the attic. The ball took Anna.", "Where is Anna?"),
    ]
    together = ask(shared(name), *pairs)
    for i, pair in enumerate(pairs):
        alone = shared(name).serve(*(tf.constant([text]) for text in pair))
        assert alone["answer"].numpy()[0] == together["answer"][i]
        assert alone["support"].numpy()[0] == together["support"][i]
        assert alone["probability"].numpy()[0] == pytest.approx(
            together["probability"][i], rel=1e-5
        )


@every_answer
def test_the_last_sentences_of_a_long_story_are_read(shared, name):
    last = "Anna took the cup. The ball is the attic. " * 3
    outputs = ask(
        shared(name),
        (last, "Where is Anna?"),
        ("Anna is the cup. " * 500 + last, "Where is Anna?"),
        ("Anna is the cup. " * 500, "Where is Anna?"),
    )
    short, long, different = outputs["probability"]
    assert short == pytest.approx(long, rel=1e-5)
    assert different != pytest.approx(long, rel=1e-5)
    assert outputs["support"][0] == outputs["support"][1]


@every_answer
def test_a_line_and_a_full_stop_end_a_sentence_alike(shared, name):
    outputs = ask(
        shared(name),
        ("Anna took the cup. Is it?", "Where is Anna?"),
        ("Anna took the cup.\nIs it?", "Where is Anna?"),
    )
    assert outputs["support"][0] == outputs["support"][1]
    assert outputs["probability"][0] == outputs["probability"][1]


@every_answer
def test_the_support_consists_of_sentences_of_the_story(shared, name):
    story = "Anna took the cup.\nAnna took the ball.\nThe attic is the cup."
    support = ask(shared(name), (story, "Where is Anna?"))["support"][0]
    assert support
    assert set(support.decode().split("\n")) <= set(story.split("\n"))


@every_answer
def test_explain_has_a_map_of_the_sentences(shared, name):
    outputs = shared(name).explain(
        tf.constant(["Anna took the cup. The ball took Anna."]),
        tf.constant(["Where is Anna?"]),
    )
    rows = {"lstm": 1, "memory_network": 2, "entity_network": 3}[name]
    assert outputs["sentences"].numpy().tolist() == [
        [b"Anna took the cup.", b"The ball took Anna."]
    ]
    assert outputs["maps"].shape == (1, rows, 2)
    assert np.all((outputs["maps"] >= 0) & (outputs["maps"] <= 1))
    assert sorted(outputs["ranking"].numpy()[0]) == [
        answer.encode() for answer in ANSWERS
    ]
    np.testing.assert_allclose(np.sum(outputs["odds"]), 1, rtol=1e-5)


@every_answer
def test_a_training_step_changes_all_weights(shared, name):
    model = shared(name)
    inputs = {
        "story": tf.constant([[[2, 3, 4], [5, 6, 0]], [[3, 3, 2], [0, 0, 0]]]),
        "question": tf.constant([[2, 3], [4, 0]]),
    }
    with tf.GradientTape() as tape:
        logits = model(inputs, training=True)
        loss = keras.losses.sparse_categorical_crossentropy(
            tf.constant([1, 2]), logits, from_logits=True
        )
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        gradient = tf.convert_to_tensor(gradient)
        assert np.abs(gradient).max() > 0, variable.path


@every_network
def test_the_saved_configuration_is_flat(name):
    config = make_answerer(name).get_config()
    assert {*config} >= {"vocabulary", "answers", "max_words", "max_sentences"}
    assert config["model"] == name
    assert config["options"] == OPTIONS[name]
    restored = answerer.Answerer.from_config(config)
    assert restored.get_config() == config


def test_a_trained_run_is_loaded_with_its_options(trained_app):
    arguments = model_file.load(trained_app).arguments
    assert arguments.model == "memory_network"
    assert arguments.options["hops"] == 2


@every_network
def test_create_takes_the_options_of_its_network(name):
    train = tf.data.Dataset.from_tensor_slices(
        (
            {"story": ["A left.\nB left the attic."], "question": ["Who?"]},
            {"answer": ["B"]},
        )
    )
    config = QAConfig(model=name, epochs=3, linear_epochs=2, units=7)
    model = answerer.Answerer.create(config, train, steps_per_epoch=5)
    expected = {
        "lstm": {"cell": "lstm", "depth": 1, "embedding_size": 64},
        "memory_network": {"linear_steps": 10, "hops": 3, "max_sentences": 70},
        "entity_network": {"max_words": 4, "slots": 10},
    }[name]
    assert model.arguments.answers == ["B"]
    assert model.arguments.max_words == 4
    assert model.arguments.options == {"units": 7, "dropout": 0.0, **expected}
    assert model.optimizer._learning_rate.decay_steps == 15


def test_a_network_that_was_trained_before_has_no_linear_start():
    train = tf.data.Dataset.from_tensor_slices(
        ({"story": ["A left."], "question": ["Who?"]}, {"answer": ["A"]})
    )
    start = make_answerer("memory_network")
    config = QAConfig(model="memory_network", linear_epochs=2)
    model = answerer.Answerer.create(config, train, 5, start)
    assert model.arguments.options["linear_steps"] == 0
    known = start.arguments.vocabulary
    assert model.arguments.vocabulary == [*known, "a", "left", "who"]
    assert model.arguments.answers == ["A"]


def memory_network(**changes):
    return make_answerer("memory_network", **changes).network


def test_sentences_share_attention_with_empty_memories():
    network = memory_network(max_sentences=6)
    mask = tf.constant([[True] * 4 + [False] * 4, [True] * 8, [False] * 8])
    shares = network.attention(tf.zeros([3, 8]), mask).numpy()
    np.testing.assert_allclose(shares[0], [1 / 6] * 4 + [0] * 4, rtol=1e-6)
    np.testing.assert_allclose(shares[1], [1 / 9] * 8, rtol=1e-6)
    assert not shares[2].any()
    assert network.attention(tf.fill([1, 2], 50.0), mask[:1, :2])[0, 0] == 0.5


def test_attention_in_the_linear_start_is_the_product():
    network = memory_network(linear_steps=2)
    story, question = tf.constant([[[2, 3]]]), tf.constant([[2]])
    network.embed.embeddings.assign(10 * network.embed.embeddings)
    linear = network.explain(story, question)[2].numpy()
    for _ in range(2):
        network(story, question, training=True)
    shares = network.explain(story, question)[2].numpy()
    score = linear[0, 0, 0]  # Next to five empty memories.
    assert shares[0, 0, 0] == pytest.approx(1 / (1 + 5 * np.exp(-score)))


def test_the_softmax_is_enabled_gradually_after_the_linear_start():
    network = memory_network(linear_steps=8)
    story, question = tf.constant([[[2, 3]]]), tf.constant([[2]])

    def share(steps):
        network.steps.assign(steps)
        return float(network.explain(story, question)[2][0, 0, 0])

    linear, half, soft = share(7), share(8), share(9)
    assert half == pytest.approx((linear + soft) / 2)
    assert abs(half - soft) > 0.01
    assert share(10) == soft


def test_the_linear_start_has_no_dropout():
    network = memory_network(linear_steps=2, dropout=0.8)
    ones = tf.ones([1, 5, 100])
    assert tf.reduce_all(network.dropped(network.hide, ones, True) == 1)
    network.steps.assign(2)
    assert tf.reduce_any(network.dropped(network.hide, ones, True) == 0)


def test_the_age_of_a_sentence_counts_from_the_end(shared):
    outputs = ask(
        shared("memory_network"),
        ("Anna. The cup. The ball.", "Where?"),
        ("The ball. The cup. Anna.", "Where?"),
    )
    first, second = outputs["probability"]
    assert first != second


@pytest.mark.parametrize("words", [1, 4])
def test_position_weights_are_those_of_the_paper(words):
    size = 3
    weights = sentence_vectors.position_weights(
        tf.constant([float(words)]), 4, size
    )[0]
    for j in range(1, words + 1):
        for k in range(1, size + 1):
            expected = (1 - j / words) - (k / size) * (1 - 2 * j / words)
            assert float(weights[j - 1, k - 1]) == pytest.approx(
                expected, abs=1e-6
            )


def test_contributions_are_shares_of_gradient_times_input():
    vectors = tf.constant([[[1.0, 2.0], [0.0, 1.0], [0.0, 0.0]]])
    weights = tf.constant([3.0, -1.0])

    with tf.GradientTape() as tape:
        tape.watch(vectors)
        score = tf.reduce_sum(vectors * weights, [1, 2])
        logits = tf.stack([score, score - 1], 1)
    shares = attribution.gradient_times_input(tape, logits, vectors)
    np.testing.assert_allclose(shares, [[0.5, 0.5, 0]])


@pytest.mark.slow
@pytest.mark.parametrize("cell", options.CELLS)
def test_every_cell_reads_stories(cell):
    outputs = ask(
        make_answerer("lstm", cell=cell),
        ("Anna took the cup.", "Where is Anna?"),
        ("The ball is the attic.", "Where is Anna?"),
    )
    first, second = outputs["probability"]
    assert np.isfinite([first, second]).all()
    assert first != second
