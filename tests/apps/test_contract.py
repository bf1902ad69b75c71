"""Every app fulfills the contract; a new app is found by itself.

Each app is trained, evaluated and exported once, on few examples and with a
small network; all tests share that run.
"""

import dataclasses
import importlib
import inspect
import itertools
import json
import pathlib
import pkgutil
import shutil

import hypothesis
import hypothesis.extra.numpy
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

import apps
from common import app as app_lib
from common import app_model
from common import interface
from common import runner
from common.errors import UserError
from common.evaluation import evaluate
from common.evaluation import evaluation
from common.export import comparison
from common.export import network_files
from common.export.networks import PortableModel
from common.serving import json_inputs
from common.serving import json_outputs
from common.serving import version
from common.serving.cancellation import Cancellation
from common.training import model_file
from common.training import trainer
from common.training import transfer
from common.training.loop import Loop
from common.training.state import State
from tests.apps import corruption
from tests.apps import pages

# Values of options, for the apps that have them.
SMALL = {
    "units": 8,
    "depth": 1,
    "embedding_size": 8,
    "epochs": 2,
    "batch_size": 16,
    "average_epochs": 2,
    # XLA compiles the layers for each of a few lengths: all texts have one.
    "max_tokens": 12,
    "max_words": 12,
    # Of clips.
    "filters": 4,
    "frame_size": 16,
    "context": 3,
    "horizon": 2,
    # Of music.
    "frame_units": 8,
    "bars": 1,
    # Baselines are fitted to each market, on the days before the test.
    "tickers": "reverting",
    "test_start": "2006-01-02",
}
EXAMPLES = 80  # Of each split.

# `make test-extended` trains these, and `make test` sentiment and every new
# app. `make test-extended` also opens the pages of all apps.
EXTENDED_APPS = (
    "captioning",
    "language_model",
    "music",
    "qa",
    "speech",
    "stock",
    "translation",
    "video",
    "video_forecast",
)

# Loads the SavedModel and answers; then runs the example of the model card.
SERVE = """
import functools, json, sys
import tensorflow as tf
load = tf.saved_model.load
tf.saved_model.load = functools.cache(load)
path, inputs, answers, card = sys.argv[1:]
serve = tf.saved_model.load(path).signatures["serving_default"]
inputs = {
    name: tf.io.parse_tensor(open(file, "rb").read(), dtype)
    for name, (file, dtype) in json.load(open(inputs)).items()
}
for name, value in serve(**inputs).items():
    tf.io.write_file(f"{answers}/{name}", tf.io.serialize_tensor(value))
exec(open(card).read())
tf.saved_model.load = load
"""


def app_classes():
    pages = [
        importlib.import_module(f"apps.{module.name}")
        for module in pkgutil.iter_modules(apps.__path__)
    ]
    return [
        value
        for page in pages
        for _, value in inspect.getmembers(page, inspect.isclass)
        if issubclass(value, app_lib.App) and value is not app_lib.App
    ]


def tiny(app_class, folder, **options):
    """Returns an app that learns from few examples in a new folder."""

    class Tiny(app_class):
        def examples(self, split):
            return super().examples(split).take(EXAMPLES)

    names = {field.name for field in dataclasses.fields(app_class.Config)}
    small = {name: SMALL[name] for name in SMALL if name in names}
    return Tiny(
        app_class.Config(
            run_dir=str(folder / "run"),
            saved_models=str(folder / "saved_models"),
            **{**small, **options},
        )
    )


@dataclasses.dataclass
class Run:
    """A trained, evaluated and exported app."""

    app_class: type[app_lib.App]
    app: app_lib.App
    model: keras.Model
    folder: pathlib.Path
    version: pathlib.Path
    inputs: dict


def copy_at_save(patch, folder, copy):
    """Copies a run when it is saved for the seventh time.

    Of five steps an epoch: in the second. The copy is what a process leaves
    that is killed at that moment.
    """
    save, calls = State.save, itertools.count(1)

    def save_and_copy(state):
        save(state)
        if next(calls) == 7:
            shutil.copytree(folder, copy)

    patch.setattr(State, "save", save_and_copy)


def pytest_generate_tests(metafunc):
    """Runs each test for every app; marks what `make test` leaves out."""
    if "run" not in metafunc.fixturenames:
        return
    is_extended = "browser" in metafunc.fixturenames
    params = [
        pytest.param(
            app_class,
            id=app_class.name,
            marks=pytest.mark.extended
            if is_extended or app_class.name in EXTENDED_APPS
            else (),
        )
        for app_class in app_classes()
    ]
    metafunc.parametrize("run", params, indirect=True)


@pytest.fixture(scope="module")
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param.name)
    app = tiny(request.param, folder, checkpoint_minutes=0)
    with pytest.MonkeyPatch.context() as patch:
        copy_at_save(patch, folder / "run", folder / "interrupted" / "run")
        app.fit()
    app.evaluate()
    version = app.export()
    inputs = next(iter(app.examples("test").batch(7)))[0]
    return Run(request.param, app, app.model, folder, version, inputs)


def members(contract):
    """Returns the declared members of a part of the contract."""
    names = set(vars(contract)) | set(inspect.get_annotations(contract))
    return {name for name in names if not name.startswith("_")}


def test_the_contract_has_at_most_25_members():
    supplied = {
        app_lib.App: {
            *("run_dir", "dataset", "examples", "evaluation", "interface"),
            *("train", "sweep", "load", "fit", "model", "evaluate", "export"),
            *("predict", "learning_curves", "load_model", "training_dataset"),
            *("cross_validate", "fit_folds"),
        },
        app_model.AppModel: set(),
        evaluation.Evaluation: {"epoch_metric", "measure"},
        interface.Interface: {
            *("predict", "answer", "chunks", "test_example"),
        },
    }
    declared = {part: members(part) - supplied[part] for part in supplied}
    assert sum(map(len, declared.values())) <= 25, declared


def assert_same(first, second, **tolerance):
    assert set(first) == set(second)
    for name, value in first.items():
        if value.dtype == tf.string:
            np.testing.assert_array_equal(value, second[name])
        else:
            np.testing.assert_allclose(value, second[name], **tolerance)


def test_the_reloaded_model_answers_like_the_live_one(run):
    reloaded = run.app.load_model()
    assert_same(
        reloaded.serve(**run.inputs), run.model.serve(**run.inputs), rtol=0
    )


def write_inputs(inputs, folder):
    """Writes inputs for another process; returns the file that lists them."""
    files = {}
    for name, value in inputs.items():
        path = folder / name
        path.write_bytes(tf.io.serialize_tensor(value).numpy())
        files[name] = (str(path), value.dtype.name)
    (folder / "inputs.json").write_text(json.dumps(files))
    return folder / "inputs.json"


def test_the_saved_model_alone_answers_like_the_live_one(
    run, tmp_path, foreign_process
):
    moved = shutil.copytree(run.version, tmp_path / "elsewhere" / "1")
    answers = tmp_path / "answers"
    answers.mkdir()
    card = (moved / "assets.extra" / "MODEL_CARD.md").read_text()
    code = card.split("```python\n")[1].split("```")[0]
    (tmp_path / "card.py").write_text(
        code.replace("PATH/OF/THIS/VERSION", str(moved))
    )
    listed = write_inputs(run.inputs, tmp_path)
    output = foreign_process.run(
        SERVE, moved, listed, answers, tmp_path / "card.py", folder=tmp_path
    )
    expected = run.model.serve(**run.inputs)
    actual = {
        name: tf.io.parse_tensor((answers / name).read_bytes(), value.dtype)
        for name, value in expected.items()
    }
    assert_same(actual, expected, rtol=0)
    assert all(name in output for name in expected)


def test_the_server_answers_like_the_live_one(run):
    """By JSON, as clients send it."""
    signature = version.Version(run.version).signature("")
    inputs = {name: value.numpy() for name, value in run.inputs.items()}
    body = json_outputs.write_outputs(inputs, by_rows=False)
    columns = json.loads(body)["outputs"]
    body = json.dumps({"inputs": columns}).encode()
    inputs = json_inputs.read_inputs(json_inputs.parse(body), signature)
    actual = signature.run(signature.complete(inputs), Cancellation())
    json_outputs.write_outputs(actual, by_rows=True)
    assert_same(actual, run.model.serve(**run.inputs), rtol=0)


@pytest.mark.extended
@pytest.mark.parametrize("kind", network_files.FORMATS)
def test_exported_networks_are_equal_to_the_model(
    run, kind, tmp_path, monkeypatch
):
    if not isinstance(run.model, PortableModel):
        pytest.skip("It has no networks for other runtimes.")
    monkeypatch.setattr(comparison, "EXAMPLES", 3)
    app = run.app_class(
        dataclasses.replace(
            run.app.config, format=kind, saved_models=str(tmp_path)
        )
    )
    app.model = run.model
    path = app.export()
    report = json.loads((path / "report.json").read_text())
    assert report["comparison"]["examples"] == 3
    assert report["comparison"]["largest_difference"] < 1e-4
    assert json.loads((path / "preprocessing.json").read_text())
    card = (path / "MODEL_CARD.md").read_text()
    assert all(
        f"| {file} | {size:,} |" in card
        for file, size in report["bytes"].items()
    )


def test_the_page_names_what_there_is(run):
    assert pages.missing_names(pages.read(run.version), run.model) == set()


@pytest.mark.browser
def test_the_page_shows_the_answer_of_the_live_one(run, browser, serve_folder):
    url = serve_folder(run.folder / "saved_models")
    page = pages.read(run.version)
    browser.open(url)
    browser.wait(".examples button").click()
    text = " ".join(browser.answer().split())
    assert (browser.problems(), browser.all(".status.error")) == ([], [])
    assert len(browser.all(".views section")) == len(page["views"])
    assert run.app.evaluation.primary_metric.name.replace("_", " ") in (
        browser.wait(".scores").text
    )
    view = page["views"][0]
    functions = {"serving_default": run.model.serve, **run.model.signatures()}
    inputs = run.app.interface.parse_inputs(run.app.example_inputs[:1])
    outputs = functions[view["signature"]](**inputs)
    values = {name: value.numpy() for name, value in outputs.items()}
    assert pages.expected_text(view, values) in text


def test_the_saved_model_needs_no_compiler(run):
    """All its signatures: those that explain answers compute gradients."""
    graph = (run.version / "saved_model.pb").read_bytes()
    assert b"_XlaMustCompile" not in graph


def test_the_model_card_is_complete(run):
    card = (run.version / "assets.extra" / "MODEL_CARD.md").read_text()
    for part in ("license", "sha-256", "seed", "parameters", "limitations"):
        assert part in card.lower()
    for name in run.model.signatures():
        assert f"signature `{name}`" in card


def test_the_model_card_begins_with_yaml(run):
    """Each value is JSON, which is YAML."""
    card = (run.version / "assets.extra" / "MODEL_CARD.md").read_text()
    start, head, _ = card.split("---\n", 2)
    lines = (line.partition(": ") for line in head.splitlines())
    values = {name: json.loads(value) for name, _, value in lines}
    assert start == ""
    assert values["datasets"] == ["sample"]
    assert run.app.name in values["tags"]
    (result,) = values["model-index"][0]["results"]
    scores = {m["type"]: m["value"] for m in result["metrics"]}
    report = json.loads((run.folder / "run" / "metrics.json").read_text())
    assert scores == report["metrics"]
    assert list(scores) == values["metrics"]


def test_an_example_alone_is_answered_as_in_a_batch(run):
    together = run.model.serve(**run.inputs)
    for i in range(7):
        row = slice(i, i + 1)
        alone = run.model.serve(**{n: v[row] for n, v in run.inputs.items()})
        expected = {
            name: without_padding(value[row].numpy(), alone[name].shape)
            for name, value in together.items()
        }
        assert_same(alone, expected, rtol=1e-5, atol=1e-6)


def without_padding(values, shape):
    """Returns an answer cut to a shape: a batch is as wide as its longest."""
    kept = values[tuple(slice(size) for size in shape)]
    assert np.count_nonzero(values) == np.count_nonzero(kept)
    return kept


def is_answered(function, inputs, rows=None):
    """Returns whether inputs are answered well, or refused by TensorFlow.

    With `rows`, each output must have that number of rows.
    """
    try:
        outputs = function(**inputs)
    except tf.errors.InvalidArgumentError:
        return False
    for value in outputs.values():
        assert value.dtype == tf.string or np.isfinite(value).all()
        assert rows is None or len(value) == rows
    return True


def answered(serve, inputs):
    """Returns whether `serve` answers each row, or refuses all."""
    return is_answered(serve, inputs, len(next(iter(inputs.values()))))


def withstand(run, count):
    """Sends a damaged row and a valid one; returns how many were refused."""
    valid = {name: value[:2].numpy() for name, value in run.inputs.items()}
    rng = np.random.default_rng(0)
    return sum(
        not answered(
            run.model.serve,
            {name: corruption.corrupt(v, rng) for name, v in valid.items()},
        )
        for _ in range(count)
    )


def refused_at_most(run, count):
    """Text and files are always answered, odd numbers may be refused."""
    strings = all(v.dtype == tf.string for v in run.inputs.values())
    return 0 if strings else count / 2


def test_damaged_inputs_are_answered_or_refused(run):
    assert withstand(run, 20) <= refused_at_most(run, 20)


@pytest.mark.slow
def test_a_thousand_damaged_inputs_do_not_leak_memory(run):
    withstand(run, 100)
    before = resident_megabytes()
    assert withstand(run, 1000) <= refused_at_most(run, 1000)
    assert resident_megabytes() - before < 50


# Of numbers that a client may send to a signature.
EXTREMES = {
    "int32": [0, -1, 7, 2**31 - 1, -(2**31)],
    "float32": [0.0, -1.0, 0.5, 3e38, float("nan"), float("inf")],
}


@pytest.fixture(scope="module")
def signatures(run):
    """Returns the signatures of the exported model by name."""
    served = tf.saved_model.load(run.version)
    yield served.signatures  # They need the model to stay alive.


def signature_inputs(run, signature, rows):
    """Returns valid inputs of a signature, with some rows, by name.

    Inputs that `serve` does not have are texts, small ids or zeros.
    """
    inputs = {}
    for name, spec in signature.structured_input_signature[1].items():
        is_text, is_scalar = spec.dtype == tf.string, spec.shape.rank == 0
        if name in run.inputs:
            inputs[name] = run.inputs[name][0 if is_scalar else slice(rows)]
        elif is_scalar:
            inputs[name] = tf.constant("the dog" if is_text else 1, spec.dtype)
        else:
            shape = [rows, *(size or 3 for size in spec.shape[1:])]
            inputs[name] = (
                tf.fill(shape, "the dog")
                if is_text
                else tf.zeros(shape, spec.dtype)
            )
    return inputs


def _array(value):
    """Returns a tensor in NumPy; one text is an array without axes."""
    return np.array(value.numpy(), value.dtype.as_numpy_dtype)


def damage(run, signatures, count):
    """Sends a damaged row and a valid one to all signatures.

    Returns:
      How many were answered, by the name of the signature.
    """
    rng, answers = np.random.default_rng(1), {}
    for name, signature in signatures.items():
        valid = signature_inputs(run, signature, 2)
        with np.errstate(invalid="ignore"):  # Integers of NaN.
            answers[name] = sum(
                is_answered(
                    signature,
                    {
                        key: tf.constant(
                            corruption.corrupt(_array(value), rng), value.dtype
                        )
                        for key, value in valid.items()
                    },
                )
                for _ in range(count)
            )
    return answers


def test_every_signature_answers_or_refuses_damaged_inputs(run, signatures):
    assert set(damage(run, signatures, 10)) == set(signatures)


@pytest.mark.slow
def test_every_signature_withstands_a_thousand_inputs(run, signatures):
    print(damage(run, signatures, 1000))


def test_numbers_of_signatures_are_clipped_or_refused(run, signatures):
    for signature in signatures.values():
        valid = signature_inputs(run, signature, 2)
        numbers = [
            name
            for name, v in valid.items()
            if v.shape.rank == 0 and v.dtype != tf.string
        ]
        for name in numbers:
            for number in EXTREMES[valid[name].dtype.name]:
                extreme = tf.constant(number, valid[name].dtype)
                is_answered(signature, {**valid, name: extreme})


def test_no_rows_are_answered_with_no_rows(run, signatures):
    for name, signature in signatures.items():
        inputs = signature_inputs(run, signature, 0)
        if all(v.shape.rank == 0 for v in inputs.values()):
            continue  # It takes one text.
        outputs = signature(**inputs)
        rows = {len(v) for v in outputs.values() if v.shape.rank}
        assert rows == {0}, name


def test_rows_that_do_not_match_are_refused(run, signatures):
    for signature in signatures.values():
        inputs = signature_inputs(run, signature, 3)
        rows = [name for name, v in inputs.items() if v.shape.rank]
        for name in rows[1:]:
            odd = {**inputs, name: inputs[name][:2]}
            with pytest.raises(tf.errors.InvalidArgumentError):
                signature(**odd)


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "a ", "😀"),
        *(
            pytest.param(unit, marks=pytest.mark.slow)
            for unit in (" ", "7", "!", "\n", "e\u0301", "\x00")
        ),
    ],
)
def test_a_text_of_a_megabyte_is_answered_in_little_memory(run, unit):
    text = tf.constant([unit * (10**6 // len(unit.encode()))])
    inputs = {
        name: text
        if value.dtype == tf.string and len(value.shape) == 1
        else value[:1]
        for name, value in run.inputs.items()
    }
    before = resident_megabytes()
    # The peak is measured from here on.
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    assert answered(run.model.serve, inputs)
    assert resident_megabytes("VmHWM") - before < 200


def resident_megabytes(key="VmRSS"):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(key))
    return int(line.split()[1]) / 1024


def anything(value):
    """Returns a strategy of arrays of the same shape and type."""
    if value.dtype == object:
        text = st.text().map(lambda characters: characters.encode())
        kinds = st.binary(max_size=300) | text
    else:
        kinds = st.floats(width=32)
        if value.dtype.kind != "f":
            bounds = np.iinfo(value.dtype)
            kinds = st.integers(int(bounds.min), int(bounds.max))
    if value.size > 256:  # Too many to be drawn one by one.
        return hypothesis.extra.numpy.arrays(
            value.dtype, value.shape, elements=kinds
        )
    return st.lists(kinds, min_size=value.size, max_size=value.size).map(
        lambda parts: np.array(parts, value.dtype).reshape(value.shape)
    )


@hypothesis.settings(max_examples=10)
@hypothesis.given(drawn=st.data())
def test_any_input_is_answered_or_refused(run, drawn):
    answered(
        run.model.serve,
        {
            name: drawn.draw(anything(value.numpy()))
            for name, value in run.inputs.items()
        },
    )


def test_the_report_compares_with_a_baseline(run):
    report = json.loads((run.folder / "run" / "metrics.json").read_text())
    metrics, baselines = report["metrics"], report["baselines"]
    primary = report["primary_metric"]
    assert primary == run.app.evaluation.primary_metric.name
    assert all(primary in scores for scores in baselines.values())
    values = {name: scores[primary] for name, scores in baselines.items()}
    best = run.app.evaluation.primary_metric.best(values)
    assert report["best_baseline"] == best == next(iter(baselines))
    for name, value in metrics.items():
        low, high = report["interval"][name]
        assert np.isfinite(value)
        assert low <= high
    low, high = report["gain"]
    assert report["better_than_baseline"] == (low > 0)
    gain = run.app.evaluation.primary_metric.gain(
        metrics[primary], values[best]
    )
    # The bootstrap interval of a gain contains the gain of the sample.
    assert low - 1e-6 <= gain <= high + 1e-6


def test_the_validation_split_is_scored_without_baselines(run):
    config = dataclasses.replace(run.app.config, split="valid")
    report = evaluate.evaluate(type(run.app)(config), run.model, 0.0)
    assert (report.split, report.baselines, report.gain) == ("valid", {}, [])
    assert set(report.interval) == set(report.metrics)


@pytest.mark.slow
def test_other_data_are_scored_like_the_own_or_refused(run):
    own = json.loads((run.folder / "run" / "metrics.json").read_text())
    app = type(run.app)(run.app.config, trained_on=run.app.config)
    try:
        report = evaluate.evaluate(app, run.model, 0.0)
    except UserError as error:
        assert "no scores on data other than the run's" in str(error)
        return
    assert (report.metrics, report.baselines) == (
        own["metrics"],
        own["baselines"],
    )
    assert "The model was trained on sample" in report.notes[0]


def test_a_run_leaves_its_files(run):
    names = {path.name for path in (run.folder / "run").iterdir()}
    of_other_runs = {
        *("restarts", "extra", "cross_validation", "continued.json"),
        *("start.json", "start.keras"),
    }
    expected = set(trainer.RUN_FILES) - of_other_runs
    assert expected <= names <= expected | {"extra"}
    epochs = {path.stem for path in (run.folder / "run" / "epochs").iterdir()}
    assert "0002" in epochs
    history = (run.folder / "run" / "history.csv").read_text().splitlines()
    assert len(history) == 3
    assert (run.folder / "run" / "plots" / "learning.png").stat().st_size


class Stop(Exception):
    """Ends a training before its first step."""


@pytest.fixture
def started(run, tmp_path, monkeypatch):
    """Returns a new model that starts from the run, with other examples."""
    models = []

    def stop(loop):
        models.append(loop.model)
        raise Stop

    monkeypatch.setattr(Loop, "run", stop)
    start_from = str(run.folder / "run")
    app = tiny(run.app_class, tmp_path, start_from=start_from, seed=1)
    examples = super(type(app), app).examples
    monkeypatch.setattr(
        app, "examples", lambda split: examples(split).skip(20).take(EXAMPLES)
    )
    with pytest.raises(Stop):
        app.fit()
    return models[0]


def rows_by_name(model):
    """Returns the kind, the names and the rows of variables with names."""
    if not isinstance(model, app_model.VocabularyModel):
        return []
    return [
        (kind, rows.names, np.moveaxis(variable.numpy(), axis, 0))
        for kind, rows in model.named_rows().items()
        for variable, axis in rows.variables
    ]


@pytest.mark.slow
def test_a_new_run_has_the_weights_and_words_of_its_start(run, started):
    start = model_file.read(run.app, run.folder / "run" / "model.keras")
    values, taken = transfer.by_path(start), 0
    for path, variable in transfer.by_path(started).items():
        if variable.trainable and variable.shape == values[path].shape:
            np.testing.assert_array_equal(variable, values[path])
            taken += 1
    assert taken > 1
    for (kind, names, rows), (_, known, known_rows) in zip(
        rows_by_name(started), rows_by_name(start), strict=True
    ):
        if kind in ("words", "tokens", "source tokens", "target tokens"):
            assert list(names[: len(known)]) == list(known)
        assert len(names) == len(set(names)) == len(rows)
        for place, name in enumerate(known):
            if name in names:
                row = rows[names.index(name)]
                np.testing.assert_array_equal(row, known_rows[place])


def test_every_example_input_is_answered(run, capsys):
    runner.answer(run.app, "predict", run.app.example_inputs)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(run.app.example_inputs)
    # A translation of a model that has learned little may be empty.
    assert any(line.strip() for line in printed)


def test_python_gets_the_answers_of_serve(run):
    words = ["test:0", "test:1"]
    answers = run.app.predict([words[0], None, words[1]])
    assert answers[1] is None
    outputs = run.model.serve(**run.app.interface.parse_inputs(words))
    for name, values in outputs.items():
        for answer, value in zip(answers[::2], values.numpy(), strict=True):
            if values.dtype != tf.string:
                np.testing.assert_array_equal(answer[name], value)
            elif name.endswith("_bytes"):
                assert answer[name] == value
            elif isinstance(value, bytes):
                assert answer[name] == value.decode()


def test_every_interface_takes_test_examples(run):
    inputs = run.app.interface.parse_inputs(["test:0", "test:1"])
    expected = {name: value[:2] for name, value in run.inputs.items()}
    assert_same(inputs, expected)
    outputs = run.model.serve(**inputs)
    lines = run.app.interface.format_outputs(["test:0", "test:1"], outputs)
    assert len(list(lines)) == 2


@pytest.mark.slow
def test_an_interrupted_run_ends_with_the_same_weights(run):
    app = tiny(run.app_class, run.folder / "interrupted")
    assert not (app.run_dir / "model.keras").exists()
    resumed = trainer.train(app)
    for first, second in zip(
        run.model.variables, resumed.variables, strict=True
    ):
        np.testing.assert_array_equal(first, second)
