"""Question answering: its networks, its answers to odd input, its shell."""

import io
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.qa import __main__ as page
from apps.qa import explaining
from apps.qa import model
from apps.qa import reading
from apps.qa import scores
from apps.qa import telling
from common import options
from common import runner
from common.training import trainer

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
every_model = pytest.mark.parametrize("kind", OPTIONS)
WORDS = ["anna", "took", "the", "cup", "ball", ",", "attic", "where", "is"]
ODD = [
    "",
    " \n\t",
    "?",
    "qwxyz",
    b"\xff\xfe\xc3(\xe2\x82",
    "nul\x00bytes\x00here.",
    "Anna took the cup. " * 10_000,
    "word " * 100_000,
]


def answerer(kind, seed=0, **options):
    keras.utils.set_random_seed(seed)
    answers = ["attic", "ball,cup", "yes"]
    made = model.Answerer(WORDS, answers, 7, 6, kind, OPTIONS[kind] | options)
    made.build(None)
    return made


def ask(answers, *pairs):
    story, question = zip(*pairs)
    found = answers.serve(tf.constant(story), tf.constant(question))
    return {name: value.numpy() for name, value in found.items()}


@every_model
def test_odd_stories_and_questions_are_answered(kind):
    network = answerer(kind)
    pairs = [(a, b) for a in ODD for b in ODD[:5] + ODD[-1:]]
    found = ask(network, *pairs)
    assert np.isfinite(found["probability"]).all()
    assert {*found["answer"]} <= {b"attic", b"ball,cup", b"yes"}


@every_model
def test_a_story_alone_is_answered_as_in_a_batch(kind):
    network = answerer(kind)
    pairs = [
        ("Anna took the cup.", "Where is Anna?"),
        ("", "Where is the cup?"),
        ("Anna took the cup. Anna took the ball. The attic.", "Is Anna?"),
    ]
    together = ask(network, *pairs)
    for i, pair in enumerate(pairs):
        alone = ask(network, pair)
        assert alone["answer"][0] == together["answer"][i]
        assert alone["support"][0] == together["support"][i]
        assert alone["probability"][0] == pytest.approx(
            together["probability"][i], rel=1e-5
        )


@every_model
def test_of_a_long_story_the_last_sentences_are_read(kind):
    network = answerer(kind)
    last = "Anna took the cup. The ball is the attic. " * 3
    short, long = (
        ask(network, (story, "Where is Anna?"))
        for story in (last, "Anna is the cup. " * 500 + last)
    )
    assert short["support"] == long["support"]
    np.testing.assert_allclose(
        short["probability"], long["probability"], rtol=1e-5
    )


@every_model
def test_lines_and_full_stops_end_a_sentence_alike(kind):
    network = answerer(kind)
    first, second = (
        ask(network, (story, "Where is Anna?"))
        for story in ("Anna took the cup. Is it?", "Anna took the cup.\nIs it?")
    )
    assert first["support"] == second["support"]
    assert first["probability"] == second["probability"]


@every_model
def test_the_support_consists_of_sentences_of_the_story(kind):
    network = answerer(kind)
    story = "Anna took the cup.\nAnna took the ball.\nThe attic is the cup."
    support = ask(network, (story, "Where is Anna?"))["support"][0].decode()
    assert support
    assert set(support.split("\n")) <= set(story.split("\n"))


@every_model
def test_reading_is_told_for_each_sentence(kind):
    network = answerer(kind)
    found = explaining.reading(
        network,
        tf.constant(["Anna took the cup. The ball."]),
        tf.constant(["Where is Anna?"]),
    )
    rows = {"lstm": 1, "memory_network": 2, "entity_network": 3}[kind]
    assert found.sentences == ["Anna took the cup.", "The ball."]
    assert found.maps.shape == (rows, 2)
    assert len(list(explaining.lines(found))) == 4
    drawn = io.BytesIO()
    explaining.figure([found, found]).savefig(drawn)
    assert drawn.getvalue().startswith(b"\x89PNG")


def test_sentences_share_attention_with_empty_memories():
    network = answerer("memory_network", max_sentences=6).network
    there = tf.constant([[True] * 4 + [False] * 4, [True] * 8, [False] * 8])
    shares = network.shares(tf.zeros([3, 8]), there).numpy()
    np.testing.assert_allclose(shares[0], [1 / 6] * 4 + [0] * 4, rtol=1e-6)
    np.testing.assert_allclose(shares[1], [1 / 9] * 8, rtol=1e-6)
    assert not shares[2].any()
    assert network.shares(tf.fill([1, 2], 50.0), there[:1, :2])[0, 0] == 0.5


def test_in_a_linear_start_attention_is_the_product():
    network = answerer("memory_network", linear_steps=2).network
    story, question = tf.constant([[[2, 3]]]), tf.constant([[2]])
    network.embed.embeddings.assign(10 * network.embed.embeddings)
    linear = network.explain(story, question)[2].numpy()
    for _ in range(2):
        network(story, question, training=True)
    shares = network.explain(story, question)[2].numpy()
    score = linear[0, 0, 0]  # Beside five empty memories.
    assert shares[0, 0, 0] == pytest.approx(1 / (1 + 5 * np.exp(-score)))


def test_after_the_linear_start_the_softmax_comes_in_gradually():
    network = answerer("memory_network", linear_steps=8).network
    story, question = tf.constant([[[2, 3]]]), tf.constant([[2]])

    def share(steps):
        network.steps.assign(steps)
        return float(network.explain(story, question)[2][0, 0, 0])

    linear, half, soft = share(7), share(8), share(9)
    assert half == pytest.approx((linear + soft) / 2)
    assert abs(half - soft) > 0.01
    assert share(10) == soft


def test_nothing_is_hidden_in_a_linear_start():
    options = {"linear_steps": 2, "dropout": 0.8}
    network = answerer("memory_network", **options).network
    ones = tf.ones([1, 5, 100])
    assert tf.reduce_all(network.hidden(network.hide, ones, True) == 1)
    network.steps.assign(2)
    assert tf.reduce_any(network.hidden(network.hide, ones, True) == 0)


def test_the_age_of_a_sentence_counts_from_the_end():
    network = answerer("memory_network")
    told = ask(network, ("Anna. The cup. The ball.", "Where?"))
    other = ask(network, ("The ball. The cup. Anna.", "Where?"))
    assert told["probability"] != other["probability"]


@pytest.mark.parametrize("words", [1, 4])
def test_position_weights_are_those_of_the_paper(words):
    size = 3
    found = reading.position_weights(tf.constant([float(words)]), 4, size)[0]
    for j in range(1, words + 1):
        for k in range(1, size + 1):
            expected = (1 - j / words) - (k / size) * (1 - 2 * j / words)
            assert float(found[j - 1, k - 1]) == pytest.approx(
                expected, abs=1e-6
            )


def test_influence_is_the_share_of_gradient_times_input():
    vectors = tf.constant([[[1.0, 2.0], [0.0, 1.0], [0.0, 0.0]]])
    weights = tf.constant([3.0, -1.0])

    def judge(vectors):
        score = tf.reduce_sum(vectors * weights, [1, 2])
        return tf.stack([score, score - 1], 1)

    logits, shares = reading.influence(vectors, judge)
    np.testing.assert_allclose(logits, [[0, -1]])
    np.testing.assert_allclose(shares, [[0.5, 0.5, 0]])


@pytest.mark.slow
@pytest.mark.parametrize("cell", options.CELLS)
def test_every_cell_reads_stories(cell):
    found = ask(answerer("lstm", cell=cell), ("Anna left.", "Where is Anna?"))
    assert np.isfinite(found["probability"]).all()


TARGETS = np.array(
    [
        [b"attic", b"1", b"A."],
        [b"cellar", b"1", b"A.\nB."],
        [b"yes", b"3", b""],
        [b"no", b"3", b"C."],
    ]
)


def test_scores_are_means_over_tasks():
    outputs = {
        "answer": np.array([b"attic", b"cellar", b"yes", b"yes"], object),
        "support": np.array([b"A.", b"A.", b"C.", b"D."], object),
    }
    measured = scores.measured(TARGETS, outputs)
    found = scores.scores(measured, [1, 3])
    assert found == pytest.approx(
        {
            "accuracy": 0.75,
            "mean_error": 0.25,
            "tasks_failed": 1,
            "support_f1": (1 + 2 / 3 + 0) / 3,
            "accuracy_task_1": 1.0,
            "accuracy_task_3": 0.5,
        }
    )
    part = {name: value[:2] for name, value in measured.items()}
    assert scores.scores(part, [1, 3])["accuracy_task_3"] == 1.0


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("A left. B left. Who left?", ("A left.\nB left.", "Who left?")),
        ("Who left", ("", "Who left")),
        ("A left.\nWho left?", ("A left.", "Who left?")),
        ("", ("", "")),
    ],
)
def test_the_last_sentence_is_the_question(word, expected):
    assert telling.split(word) == expected


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Returns a function that runs a command on a small trained run."""
    folder = tmp_path_factory.mktemp("qa")

    class Small(page.QA):
        def examples(self, split):
            return super().examples(split).take(64)

    def call(*argv):
        folders = [f"--run_dir={folder}/run", f"--saved_models={folder}/sm"]
        return runner.run(Small, ["qa", *argv, *folders])

    assert call("train", "--epochs=1", "--slots=3") == 0
    call.folder = folder / "run"
    return call


def test_a_story_in_a_file_is_told_first(run, tmp_path, capsys):
    path = tmp_path / "story.txt"
    path.write_text("1 Anna took the cup.\n2 Who?\tAnna\t1\n3 Ben left.\n")
    assert run("predict", f"--story={path}", "Where is Ben?") == 0
    said = capsys.readouterr().out
    assert "Where is Ben?" in said
    assert "Who" not in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 Anna left.\nBen left.\n", "line 2 has no number"),
        (b"1 Anna left.\n1 Ben left.\n", "line 2 has the number 1, not 2"),
        (b"\xff\xfe", "no text in UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_broken_story_is_named_with_its_line(
    run, tmp_path, capsys, content, message
):
    path = tmp_path / "story.txt"
    if content is not None:
        path.write_bytes(content)
    assert run("predict", f"--story={path}", "Where is Ben?") == 1
    said = capsys.readouterr().err
    assert f"--story={path}" in said
    assert message in said
    assert said.count("\n") == 1


def test_a_chat_remembers_until_it_is_reset(run, capsys, monkeypatch):
    lines = "Anna took the cup.\n\nwho holds the cup\nreset\nWho left?\nquit\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert run("predict", "--chat") == 0
    said = capsys.readouterr().out.splitlines()
    assert "because: Anna took the cup." in said[1]
    assert said[2] == "A new story."
    assert "Anna" not in said[3]


def test_explanations_are_printed_and_drawn(run, capsys):
    words = ["Anna took the cup. Who holds it?", "Where is Anna?"]
    assert run("predict", "--explain", *words) == 0
    said = capsys.readouterr().out
    assert "Anna took the cup." in said
    assert (run.folder / "explanations.png").stat().st_size > 0


def test_each_task_is_scored(run):
    assert run("evaluate") == 0
    report = json.loads((run.folder / "metrics.json").read_text())
    tasks = {f"accuracy_task_{number}" for number in range(1, 9)}
    assert set(report["metrics"]) == tasks | {
        "accuracy",
        "mean_error",
        "tasks_failed",
        "support_f1",
    }
    assert set(report["baseline"]["metrics"]) > tasks


@every_model
def test_a_step_of_training_changes_all_weights(kind):
    network = answerer(kind)
    inputs = {
        "story": tf.constant([[[2, 3, 4], [5, 6, 0]], [[3, 3, 2], [0, 0, 0]]]),
        "question": tf.constant([[2, 3], [4, 0]]),
    }
    with tf.GradientTape() as tape:
        logits = network(inputs, training=True)
        loss = keras.losses.sparse_categorical_crossentropy(
            tf.constant([1, 2]), logits, from_logits=True
        )
    gradients = tape.gradient(loss, network.trainable_variables)
    for variable, gradient in zip(network.trainable_variables, gradients):
        gradient = tf.convert_to_tensor(gradient)
        assert np.abs(gradient).max() > 0, variable.path


def test_a_trained_run_is_loaded_as_it_was(run):
    app = page.QA(page.QAConfig(run_dir=str(run.folder)))
    loaded = trainer.load_model(app)
    assert loaded.arguments["options"]["slots"] == 3
