"""Every app does what common.app asks; a new app is found here by itself."""

import dataclasses
import importlib
import inspect
import itertools
import json
import pathlib
import pkgutil
import shutil
import subprocess
import sys

import hypothesis
import hypothesis.extra.numpy
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

import apps
from common import runner
from common.app import App
from common.training import trainer
from common.training.state import State

# Loads the SavedModel with TensorFlow alone, and answers.
ANSWER = """
import json, sys
import tensorflow as tf
path, questions, answers = sys.argv[1:]
serve = tf.saved_model.load(path).signatures["serving_default"]
inputs = {
    name: tf.io.parse_tensor(open(file, "rb").read(), dtype)
    for name, (file, dtype) in json.load(open(questions)).items()
}
for name, value in serve(**inputs).items():
    tf.io.write_file(f"{answers}/{name}", tf.io.serialize_tensor(value))
own = {name.split(".")[0] for name in sys.modules} & {"apps", "common"}
assert not own, own
"""


# Answers a thousand harmed inputs; prints by how many MB the process grew.
WITHSTAND = """
import json, sys
import numpy as np
import tensorflow as tf
from harmed import harmed

def resident():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(li.split()[1]) for li in lines if "VmRSS" in li) / 1024

path, questions = sys.argv[1:]
serve = tf.saved_model.load(path).signatures["serving_default"]
valid = {
    name: tf.io.parse_tensor(open(file, "rb").read(), dtype).numpy()
    for name, (file, dtype) in json.load(open(questions)).items()
}
rng = np.random.default_rng(0)
refused, rows = 0, len(next(iter(valid.values())))
for size in range(1, rows + 1):
    serve(**{name: tf.constant(v[:size]) for name, v in valid.items()})
before = resident()
for i in range(1000):
    size = 1 + i % rows
    inputs = {name: harmed(v[:size], rng) for name, v in valid.items()}
    try:
        for value in serve(**inputs).values():
            assert len(value) == size
            assert value.dtype == tf.string or np.isfinite(value).all()
    except tf.errors.InvalidArgumentError as error:
        refused += 1
print(json.dumps({"refused": refused, "grown": resident() - before}))
"""


def app_classes():
    pages = [
        importlib.import_module(f"apps.{module.name}.__main__")
        for module in pkgutil.iter_modules(apps.__path__)
    ]
    return [
        value
        for page in pages
        for _, value in inspect.getmembers(page, inspect.isclass)
        if issubclass(value, App) and value is not App
    ]


def tiny(app_class, folder, **options):
    """Returns an app that learns from few examples in a new folder."""

    class Tiny(app_class):
        def examples(self, split):
            return super().examples(split).take(80)

    config = app_class.Config(
        epochs=2,
        batch_size=16,
        average=2,
        run_dir=str(folder / "run"),
        saved_models=str(folder / "saved_models"),
        **options,
    )
    return Tiny(config)


@dataclasses.dataclass
class Run:
    app_class: type[App]
    app: App
    model: keras.Model
    folder: pathlib.Path
    version: pathlib.Path
    questions: dict


@pytest.fixture(
    scope="module", params=app_classes(), ids=lambda app_class: app_class.name
)
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param.name)
    app = tiny(request.param, folder)
    model = trainer.train(app)
    runner.evaluate(app)
    version = runner.export(app)
    batch = next(iter(app.examples("test").batch(7)))[0]
    return Run(request.param, app, model, folder, version, batch)


def same(first, second, **tolerance):
    assert set(first) == set(second)
    for name, value in first.items():
        if value.dtype == tf.string:
            np.testing.assert_array_equal(value, second[name])
        else:
            np.testing.assert_allclose(value, second[name], **tolerance)


def test_the_reloaded_model_answers_as_the_live_one(run):
    reloaded = trainer.load_model(run.app)
    same(
        reloaded.serve(**run.questions),
        run.model.serve(**run.questions),
        rtol=0,
    )


def written(questions, folder):
    """Writes questions for another process; returns the list of them."""
    files = {}
    for name, value in questions.items():
        path = folder / name
        path.write_bytes(tf.io.serialize_tensor(value).numpy())
        files[name] = (str(path), value.dtype.name)
    (folder / "questions.json").write_text(json.dumps(files))
    return folder / "questions.json"


def test_the_saved_model_alone_answers_as_the_live_one(run, tmp_path):
    moved = shutil.copytree(run.version, tmp_path / "elsewhere" / "1")
    answers = tmp_path / "answers"
    answers.mkdir()
    listed = written(run.questions, tmp_path)
    subprocess.run(
        [sys.executable, "-c", ANSWER, moved, listed, answers],
        cwd=tmp_path,
        check=True,
    )
    expected = run.model.serve(**run.questions)
    found = {
        name: tf.io.parse_tensor((answers / name).read_bytes(), value.dtype)
        for name, value in expected.items()
    }
    same(found, expected, rtol=0)


def test_an_example_alone_is_answered_as_in_a_batch(run):
    together = run.model.serve(**run.questions)
    for i in range(7):
        alone = run.model.serve(
            **{name: value[i : i + 1] for name, value in run.questions.items()}
        )
        same(
            alone,
            {name: value[i : i + 1] for name, value in together.items()},
            rtol=1e-5,
            atol=1e-6,
        )


def test_a_thousand_harmed_inputs_do_no_harm(run, tmp_path):
    listed = written(run.questions, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WITHSTAND, run.version, listed],
        cwd=pathlib.Path(__file__).parent,
        check=True,
        capture_output=True,
    )
    found = json.loads(done.stdout)
    assert found["grown"] < 50
    strings = all(v.dtype == tf.string for v in run.questions.values())
    assert found["refused"] == 0 if strings else found["refused"] < 500


def anything(value):
    """Returns a strategy of arrays of the same shape and type."""
    if value.dtype == object:
        text = st.text().map(lambda characters: characters.encode())
        kinds = st.binary(max_size=300) | text
    else:
        kinds = (
            st.floats(width=32) if value.dtype.kind == "f" else st.integers()
        )
    if value.size > 256:  # Too many to be drawn one by one.
        return hypothesis.extra.numpy.arrays(
            value.dtype, value.shape, elements=kinds
        )
    return st.lists(kinds, min_size=value.size, max_size=value.size).map(
        lambda parts: np.array(parts, value.dtype).reshape(value.shape)
    )


@hypothesis.settings(max_examples=150, deadline=None, derandomize=True)
@hypothesis.given(drawn=st.data())
def test_whatever_is_sent_is_answered_or_refused(run, drawn):
    inputs = {
        name: drawn.draw(anything(value.numpy()))
        for name, value in run.questions.items()
    }
    try:
        answers = run.model.serve(**inputs)
    except tf.errors.InvalidArgumentError:
        return
    for value in answers.values():
        assert len(value) == 7
        assert value.dtype == tf.string or np.isfinite(value).all()


def test_metrics_stand_beside_a_baseline(run):
    metrics = json.loads((run.folder / "run" / "metrics.json").read_text())
    assert set(metrics["metrics"]) >= set(metrics["baseline"]["metrics"])
    assert run.app.headline in metrics["baseline"]["metrics"]
    assert isinstance(metrics["better_than_baseline"], bool)
    for name, value in metrics["metrics"].items():
        low, high = metrics["interval"][name]
        assert np.isfinite(value)
        assert low <= high


def test_a_run_leaves_its_files(run):
    names = {path.name for path in (run.folder / "run").iterdir()}
    assert names == set(trainer.RUN_FILES) - {"restarts"}
    epochs = {path.stem for path in (run.folder / "run" / "epochs").iterdir()}
    assert "0002" in epochs
    history = (run.folder / "run" / "history.csv").read_text().splitlines()
    assert len(history) == 3
    assert (run.folder / "run" / "plots" / "learning.png").stat().st_size


def test_the_model_card_tells_how_to_call_the_model(run, tmp_path):
    card = (run.version / "assets.extra" / "MODEL_CARD.md").read_text()
    code = card.split("```python\n")[1].split("```")[0]
    code = code.replace("PATH/OF/THIS/VERSION", str(run.version))
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in run.model.serve(**run.questions):
        assert name in result.stdout
    for part in ("Licence", "SHA-256", "seed", "parameters", "Limits"):
        assert part.lower() in card.lower()


def test_questions_are_answered_a_line_each(run, capsys):
    runner.predict(run.app, *run.app.questions)
    assert len(capsys.readouterr().out.splitlines()) == len(run.app.questions)


def test_a_run_that_was_cut_off_ends_as_if_it_was_not(
    run, tmp_path, monkeypatch
):
    app = tiny(run.app_class, tmp_path / "cut", checkpoint_minutes=0)
    save, calls = State.save, itertools.count(1)

    def cut_off(state):
        save(state)
        if next(calls) == 7:  # Of five steps an epoch.
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "save", cut_off)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(app)
    continued = trainer.train(app)
    for first, second in zip(
        run.model.variables, continued.variables, strict=True
    ):
        np.testing.assert_array_equal(first, second)
