"""Labels of any names: what is read, learned, measured and exported."""

import keras
import numpy as np
import pytest
import scipy.sparse
import sklearn.metrics
import tensorflow as tf

from apps.sentiment import Sentiment
from apps.sentiment import baselines
from apps.sentiment.cli import explanations
from apps.sentiment.evaluation import figures
from apps.sentiment.model import class_weights
from apps.sentiment.model import nb_svm
from common.data import batching
from common.errors import UsageError
from common.errors import UserError
from tests.apps.sentiment import runs

MOODS = {"Joy": "glad merry", "anger": "cross fuming", "fear": "afraid shy"}
SPLITS = ("train", "valid", "test")


def write_moods(tmp_path, rows=120, extra=""):
    """Writes texts whose words give their labels away; returns the path."""
    lines = []
    for i in range(rows):
        label = list(MOODS)[i % 3]
        word = MOODS[label].split()[i // 3 % 2]
        lines.append(f"{label}\tMy uncle number {i} was {word}.\n")
    path = tmp_path / "moods.tsv"
    path.write_text("".join(lines) + extra)
    return path


def make_app(tmp_path, path, **options):
    small = {
        "units": 8,
        "embedding_size": 8,
        "max_words": 8,
        "epochs": 3,
        "batch_size": 8,
        "learning_rate": 0.05,
        "bidirectional": False,
    }
    return Sentiment(
        Sentiment.Config(
            dataset=str(path),
            run_dir=str(tmp_path / "run"),
            saved_models=str(tmp_path / "saved"),
            **{**small, **options},
        )
    )


def labels_of(app):
    return [
        y["label"].decode()
        for split in SPLITS
        for _, y in app.examples(split).as_numpy_iterator()
    ]


@pytest.mark.parametrize(
    "names",
    [list("12345"), ["joy", "anger", "fear"], ["spam", "ham"], list("12")],
)
def test_labels_are_names(tmp_path, names):
    path = tmp_path / "mine.tsv"
    rows = [f"{names[i % len(names)]}\ttext {i}\n" for i in range(150)]
    path.write_text("".join(rows))
    labels = labels_of(make_app(tmp_path, path))
    assert {n: labels.count(n) for n in names} == {
        name: 150 // len(names) for name in names
    }


def test_the_labels_are_counted_in_the_line_at_loading(tmp_path, capsys):
    path = tmp_path / "mine.tsv"
    rows = [f"{'neg' if i % 2 else 'pos'}\ttext {i}\n" for i in range(301)]
    path.write_text("".join(rows))
    make_app(tmp_path, path).examples("train")
    assert capsys.readouterr().err == (
        f"{path}: 301 rows, tab-separated, without a header; "
        "label (column 1 of 2), text (column 2 of 2); "
        "labels neg 150, pos 151.\n"
        f"{path}: texts: train 241, valid 29 (a tenth by hash), test 31 (a "
        "tenth by hash).\n"
    )


def test_upper_case_makes_no_other_label(tmp_path):
    path = write_moods(tmp_path, extra="JOY\tall of us\n")
    labels = labels_of(make_app(tmp_path, path))
    assert labels.count("Joy") == 41


@pytest.mark.parametrize("row", ["joyy\tYes", "\tYes"])
def test_a_label_of_a_single_text_is_a_bad_record(tmp_path, row):
    path = write_moods(tmp_path, extra=f"{row}\n")
    with pytest.raises(UserError, match="1 of 121 .*tsv, 121: "):
        make_app(tmp_path, path).examples("train")
    labels = labels_of(make_app(tmp_path, path, bad_record_share=0.1))
    assert len(labels) == 120


def test_the_training_file_decides_on_the_labels(tmp_path):
    test = tmp_path / "test.tsv"
    test.write_text("joy\tHe is glad.\nFEAR\tHe is shy.\n")
    app = make_app(tmp_path, write_moods(tmp_path), test_file=str(test))
    targets = batching.targets(app.examples("test"))["label"]
    assert targets.tolist() == [b"Joy", b"fear"]
    test.write_text("joy\tHe is glad.\nsad\tHe is shy.\n")
    app = make_app(tmp_path, write_moods(tmp_path), test_file=str(test))
    with pytest.raises(UserError, match="test.tsv, 2: the label 'sad' has 0"):
        app.examples("train")


def test_labels_of_other_data_need_no_training_texts(tmp_path):
    test = tmp_path / "test.tsv"
    test.write_text("joy\tHe is glad.\nFEAR\tHe is shy.\n")
    app = make_app(tmp_path, test, test_file=str(test))
    targets = batching.targets(app.examples("test"))["label"]
    assert targets.tolist() == [b"joy", b"FEAR"]
    test.write_text("neg\tHe is cross.\n1\tHe is glad.\n")
    app = make_app(tmp_path, test, test_file=str(test))
    targets = batching.targets(app.examples("test"))["label"]
    assert targets.tolist() == [0, 1]


@pytest.mark.parametrize("label", ["1", "joy"])
def test_one_class_is_refused_before_training(tmp_path, label):
    path = tmp_path / "one.tsv"
    path.write_text("".join(f"{label}\tgood film {i}\n" for i in range(80)))
    with pytest.raises(UserError, match="needs two classes"):
        make_app(tmp_path, path).fit()
    assert not (tmp_path / "run" / "model.keras").exists()


def test_n_gram_evidence_is_refused(tmp_path):
    app = make_app(tmp_path, write_moods(tmp_path), ngram_evidence=True)
    with pytest.raises(UserError, match="not Joy, anger, fear"):
        app.model_class().create(app.config, app.examples("train"), 1)


def test_f1_log_loss_and_accuracy_equal_those_of_scikit_learn(tmp_path):
    rng = np.random.default_rng(0)
    names = np.array([b"fear", b"joy", b"shame"], object)
    targets = rng.integers(2, size=50)
    probabilities = rng.dirichlet(np.ones(3), 50)
    evaluation = make_app(tmp_path, "none.tsv").evaluation
    statistics = evaluation.per_example(
        {"label": names[targets]},
        {
            "labels": np.broadcast_to(names, (50, 3)),
            "probabilities": probabilities,
        },
    )
    predicted = probabilities.argmax(1)
    expected = {
        "accuracy": np.mean(predicted == targets),
        "macro_f1": sklearn.metrics.f1_score(
            targets, predicted, average="macro"
        ),
        "log_loss": sklearn.metrics.log_loss(
            targets, probabilities, labels=[0, 1, 2]
        ),
    }
    assert evaluation.measure(statistics) == pytest.approx(expected)


def test_labels_that_are_numbers_have_ordinal_scores(tmp_path):
    rng = np.random.default_rng(0)
    names = np.array([b"1", b"2", b"3", b"4"], object)
    targets = rng.integers(4, size=60)
    probabilities = rng.dirichlet(np.ones(4), 60)
    evaluation = make_app(tmp_path, "none.tsv").evaluation
    scores = evaluation.measure(
        evaluation.per_example(
            {"label": names[targets]},
            {
                "labels": np.broadcast_to(names, (60, 4)),
                "probabilities": probabilities,
            },
        )
    )
    predicted = probabilities.argmax(1)
    assert scores["mean_absolute_error"] == pytest.approx(
        sklearn.metrics.mean_absolute_error(targets, predicted)
    )
    assert scores["kappa"] == pytest.approx(
        sklearn.metrics.cohen_kappa_score(
            targets, predicted, weights="quadratic"
        )
    )


@pytest.mark.parametrize(
    ("option", "names", "labels", "weights"),
    [
        ("", ["a", "b"], [b"a", b"b"], None),
        ("balanced", ["a", "b"], [b"a", b"a", b"a", b"b"], [2 / 3, 2]),
        ("balanced", [], [0.0, 1.0, 1.0, 1.0], [2, 2 / 3]),
        ("b=5", ["a", "b", "c"], [b"a", b"b", b"c"], [1, 5, 1]),
        ("neg=3,positive=0.5", [], [0.0, 1.0], [3, 0.5]),
        ("a=b=5", ["a=b", "b"], [b"b"], [5, 1]),
    ],
)
def test_weights_of_the_labels(option, names, labels, weights):
    labels = np.array(labels, object if names else "f4")
    actual = class_weights.of_labels(option, names, labels)
    if weights is None:
        assert actual is None
    else:
        np.testing.assert_allclose(actual, weights, rtol=1e-6)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("spam=2", "there is no label 'spam'; the labels are a, b."),
        ("a", "there is no label ''"),
        ("a=0", "'0' is not a number above 0."),
        ("a=nan", "'nan' is not a number above 0."),
        ("a=many", "'many' is not a number above 0."),
    ],
)
def test_wrong_weights_raise(option, message):
    with pytest.raises(UsageError) as error:
        class_weights.of_labels(option, ["a", "b"], np.array([b"a"], object))
    assert message in str(error.value)


def test_weights_multiply_the_loss(tmp_path):
    path = write_moods(tmp_path)
    losses = {}
    for option in ("", "Joy=3,anger=3,fear=3"):
        app = make_app(tmp_path, path, class_weights=option)
        keras.utils.set_random_seed(0)
        model = app.model_class().create(app.config, app.examples("train"), 1)
        x, y = next(iter(app.examples("train").batch(8)))
        inputs, *targets = model.preprocess(x, y)
        inputs = {name: rows.to_tensor() for name, rows in inputs.items()}
        outputs = model(inputs)
        losses[option] = model.compute_loss(
            inputs, targets[0], outputs, *targets[1:]
        )
    light, heavy = losses.values()
    np.testing.assert_allclose(heavy, 3 * light, rtol=1e-5)


def test_the_baseline_has_the_weights_of_the_loss():
    """Of a word that says nothing, the heavier label is the likelier one."""
    counts = scipy.sparse.csr_matrix(np.ones((40, 1), "f4"))
    labels = np.arange(40) % 2
    _, bias = nb_svm.fit(counts, labels, 1.0, np.where(labels, 5.0, 1.0))
    weights, equal = nb_svm.fit(counts, labels, 1.0)
    assert bias > equal + 0.5


def test_the_confusion_matrix_counts_texts():
    figure = figures.confusion_matrix(
        ["a", "b"], np.array([0, 0, 1]), np.array([0, 1, 1])
    )
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["1", "1", "0", "1"]
    assert axes.get_xlabel() == "predicted label"


def test_nb_svm_separates_named_labels(tmp_path):
    app = make_app(tmp_path, write_moods(tmp_path))
    names = sorted(MOODS)
    splits = [app.examples(split) for split in SPLITS]
    probabilities = baselines.probabilities(*splits, names)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
    targets = [y["label"].decode() for _, y in splits[2].as_numpy_iterator()]
    assert [names[i] for i in probabilities.argmax(1)] == targets


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Trains, evaluates and exports a small model of moods."""
    tmp_path = tmp_path_factory.mktemp("moods")
    app = make_app(tmp_path, write_moods(tmp_path, 240))
    return runs.complete(app)


@pytest.fixture
def eager():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.slow
def test_the_exported_model_names_labels_and_probabilities(run):
    app, model, version = run
    texts = tf.constant(["He was merry.", "She was fuming.", "I was afraid."])
    serve = tf.saved_model.load(version).signatures["serving_default"]
    outputs = serve(text=texts)
    assert outputs["label"].numpy().tolist() == [b"Joy", b"anger", b"fear"]
    assert (
        outputs["labels"].numpy().tolist() == [[b"Joy", b"anger", b"fear"]] * 3
    )
    np.testing.assert_allclose(
        outputs["probabilities"].numpy().sum(1), 1, rtol=1e-5
    )
    np.testing.assert_array_equal(
        outputs["probabilities"], model.serve(texts)["probabilities"]
    )


@pytest.mark.extended
@pytest.mark.usefixtures("eager")
def test_predict_names_the_class_and_explains_it(run):
    app, model, _ = run
    (line,) = app.interface.predict(model, ["He was merry."])
    probability, label, *_ = line.split()
    assert float(probability) > 0.5
    assert label == "Joy"
    words, values = model.explain(tf.constant("He was merry.")).values()
    pieces = explanations.spans(
        "He was merry.", [w.decode() for w in words.numpy()], values.numpy()
    )
    assert "merry +" in explanations.strongest(pieces)


@pytest.mark.extended
@pytest.mark.usefixtures("eager")
def test_contributions_add_up_to_the_log_odds_of_the_label(run):
    _, model, _ = run
    text = tf.constant("She was fuming.")
    values = model.explain(text)["contributions"]
    inputs = {k: v.to_tensor() for k, v in model.inputs(text[None]).items()}
    vectors = model.vectors(inputs)
    mask = inputs["tokens"] > 0

    def log_odds(vectors):
        p = tf.nn.softmax(model.verdict(vectors, mask))[0, 1]
        return np.log(p / (1 - p))

    gain = log_odds(vectors) - log_odds(0 * vectors)
    np.testing.assert_allclose(np.sum(values), gain, atol=1e-3)
