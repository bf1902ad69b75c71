"""Networks for other runtimes: equal to the model, or not written."""

import dataclasses
import importlib.metadata
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from common.errors import UserError
from common.export import comparison
from common.export import litert
from common.export import network_files
from common.export import networks
from common.export import onnx
from common.export import versions
from common.serving import repository
from tests.common import conftest

KINDS = {"litert": litert, "onnx": onnx}
kinds = pytest.mark.parametrize("kind", KINDS)
WEIGHT = 12_345.678


@kinds
def test_an_export_holds_the_weights(kind):
    """Read from the file: a file without them would fit any comparison."""
    matrix = tf.Variable(tf.fill([64, 64], WEIGHT))
    network = networks.Network(
        lambda x: {"y": x @ matrix}, [tf.TensorSpec([None, 64], name="x")]
    )
    content = KINDS[kind].convert(network, int8=False)
    assert content.count(np.float32(WEIGHT).tobytes()) >= 64 * 64
    outputs = KINDS[kind].load(content)({"x": np.ones([1, 64], "f4")})
    expected = np.full([1, 64], 64 * WEIGHT)
    np.testing.assert_allclose(outputs["y"], expected, rtol=1e-6)


@kinds
def test_a_command_writes_a_version_that_a_server_skips(trained_toy, kind):
    folder = trained_toy.saved_models / kind
    code, out, _ = trained_toy("export", f"--format={kind}")
    assert (code, out) == (0, f"Exported {folder / '1'}.\n")
    ending = KINDS[kind].ENDING
    assert {path.name for path in (folder / "1").iterdir()} == {
        *(f"line{ending}", "preprocessing.json", "report.json"),
        *("MODEL_CARD.md", "config.json", "metrics.json"),
    }
    report = json.loads((folder / "1" / "report.json").read_text())
    size = (folder / "1" / f"line{ending}").stat().st_size
    assert report["format"] == kind
    assert report["bytes"] == {f"line{ending}": size}
    assert report["comparison"]["examples"] == 20
    assert report["comparison"]["largest_difference"] < 1e-6
    assert report["comparison"]["milliseconds"]["line"] > 0
    assert report["packages"] == {
        name: importlib.metadata.version(name) for name in KINDS[kind].PACKAGES
    }
    card = (folder / "1" / "MODEL_CARD.md").read_text()
    assert f"| line{ending} | {size:,} |" in card
    assert "tf.saved_model.load" not in card
    assert "savedmodel" not in card
    assert f'"{kind}", "rnn", "toy"]' in card
    served = repository.Repository(trained_toy.saved_models.parent, None)
    assert served.names() == []
    assert versions.numbers(trained_toy.saved_models) == []


def test_a_network_that_differs_is_not_written(trained_toy, monkeypatch):
    load = onnx.load

    def other(content):
        run = load(content)
        return lambda inputs: {"y": run(inputs)["y"] + np.float32(2e-4)}

    monkeypatch.setattr(onnx, "load", other)
    code, out, err = trained_toy("export", "--format=onnx")
    assert (code, out) == (1, "")
    assert err == (
        "toy: A logit of the exported network differs by 0.0002 from the "
        "model's on 20 test examples, and 0.0001 is allowed: nothing was "
        "written. Use another --format.\n"
    )
    assert not trained_toy.saved_models.exists()


@pytest.mark.parametrize(
    ("logits", "difference"),
    [
        ([0.0, 1.0], 0.0),
        ([0.5, 1.0], 0.5),
        ([float("nan"), 1.0], float("inf")),
        ([0.0], float("inf")),
    ],
)
def test_numbers_and_shapes_are_compared(logits, difference):
    network = networks.Network(
        lambda x: {"y": x}, [tf.TensorSpec([None, 2], name="x")]
    )
    parts = networks.Networks(
        {"same": network}, {}, lambda run, x, y: run("same", x=x["x"])["y"]
    )
    examples = tf.data.Dataset.from_tensors(({"x": [0.0, 1.0]}, {}))
    functions = {"same": lambda inputs: {"y": np.array([logits], "f4")}}
    compared = comparison.compare(parts, functions, examples)
    assert compared.largest_difference == difference
    assert compared.examples == 1


def test_an_operation_that_litert_lacks_is_named():
    network = networks.Network(
        lambda x: {"y": tf.linalg.det(x)},
        [tf.TensorSpec([None, 3, 3], name="x")],
    )
    with pytest.raises(UserError) as error:
        litert.convert(network, int8=False)
    assert str(error.value) == (
        "--format=litert: LiteRT lacks operations of this model "
        "(MatrixDeterminant): use --format=onnx."
    )


def test_an_absent_package_is_named(trained_toy, monkeypatch):
    def version(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    code, _, err = trained_toy("export", "--format=litert")
    assert code == 1
    assert err == (
        "toy: --format=litert needs the package tensorflow, which is absent: "
        "run `pip install 'unroll-rnn[litert]'` (the extra `litert`).\n"
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["export", "--format=tflite"], "format"),
        (["evaluate", "--format=onnx"], "--format and --int8 are of `export`"),
        (
            ["export", "--int8"],
            "--int8 is of --format=litert and --format=onnx",
        ),
    ],
)
def test_a_wrong_command_line_exits_with_2(trained_toy, argv, message):
    code, _, err = trained_toy(*argv)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_model_without_networks_has_a_remedy():
    app = conftest.Toy(conftest.ToyConfig(format="onnx"))
    app.model = keras.Model()
    with pytest.raises(UserError) as error:
        network_files.convert(app)
    assert str(error.value) == (
        "--format=onnx: the model of toy, a Model, has no networks for other "
        "runtimes: use --format=saved_model; the runs of an ensemble can be "
        "exported one by one."
    )


@kinds
def test_int8_reports_the_score_next_to_that_of_the_model(trained_toy, kind):
    assert trained_toy("export", f"--format={kind}", "--int8")[0] == 0
    folder = trained_toy.saved_models / kind / "1"
    scores = json.loads((folder / "report.json").read_text())["scores"]
    saved = json.loads((folder / "metrics.json").read_text())["metrics"]
    assert scores["float"] == pytest.approx(saved)
    assert scores["int8"]["error"] == pytest.approx(saved["error"], rel=0.2)
    card = (folder / "MODEL_CARD.md").read_text()
    assert "| metric | float | int8 |" in card
    assert f"| error | {scores['float']['error']:.4g} |" in card


def test_int8_needs_a_score(trained_toy, monkeypatch):
    line = trained_toy.app.model_class()
    networks_of = line.networks

    def without_answer(model):
        return dataclasses.replace(networks_of(model), answer=None)

    monkeypatch.setattr(line, "networks", without_answer)
    code, _, err = trained_toy("export", "--format=litert", "--int8")
    assert code == 1
    assert "--int8: the score of toy cannot be computed" in err
    assert not trained_toy.saved_models.exists()


@pytest.mark.extended
def test_onnx_takes_two_directions_of_a_known_number_of_steps():
    stack = layers.RecurrentStack(
        "simple_rnn", 3, bidirectional=True, return_sequences=True
    )
    stack.build((None, 4, 2))
    network = networks.Network(
        lambda x: {"y": stack(x)}, [tf.TensorSpec([None, 4, 2], name="x")]
    )
    run = onnx.load(onnx.convert(network, int8=False))
    x = np.random.default_rng(0).normal(size=(2, 4, 2)).astype("f4")
    np.testing.assert_allclose(run({"x": x})["y"], stack(x), atol=1e-6)
