"""The benchmarks run; their figures need a quiet machine."""

import asyncio
import http.server
import json
import threading

import numpy as np
import pytest

from benchmarks import convolutional_layers
from benchmarks import convolutional_tensorflow
from benchmarks import ctc
from benchmarks import few_labels
from benchmarks import hostile_requests
from benchmarks import http_load
from benchmarks import language_model
from benchmarks import language_model_tensorflow
from benchmarks import recurrent_layers
from benchmarks import recurrent_memory
from benchmarks import recurrent_tensorflow
from benchmarks import serving
from benchmarks import timing
from common import layers
from common.data import imdb
from tests import variants


@pytest.mark.extended
@pytest.mark.parametrize(
    "cell", variants.extended(["lstm", "cifg_lstm"], "lstm")
)
def test_a_row_has_all_figures(cell):
    shape = [2, 3, 2, 2]
    figures = recurrent_tensorflow.measure(cell, shape, rounds=1)
    figures["memory"] = 1.1
    ours = {"steps": {timing.key(cell, shape): figures}, "peak": 100.0}
    row = recurrent_layers._row(cell, shape, ours, {})
    assert row["of_keras"] == figures["ours"] / figures["keras"]
    assert row["of_pytorch"] is None
    assert 0 < row["of_peak"] < 1


def test_the_share_of_the_peak_counts_the_products():
    """A step of one second at the peak performs the peak's operations."""
    shape = [10, 100, 300, 200]
    figures = dict.fromkeys(
        ["keras_forward", "ours_forward", "keras", "memory"], 1
    )
    # Forward, and the gradients by states and inputs, and by the weights.
    operations = 3 * 2 * (10 * 100) * (300 + 200) * (4 * 200)
    steps = {timing.key("lstm", shape): {**figures, "ours": 1000.0}}
    ours = {"steps": steps, "peak": operations / 1e9}
    row = recurrent_layers._row("lstm", shape, ours, {})
    assert row["of_peak"] == pytest.approx(1)


@pytest.mark.extended
def test_a_row_of_the_convolutional_layers_has_all_figures():
    shape = [2, 2, 3, 3, 1, 2, 3]
    figures = convolutional_tensorflow.measure("conv_lstm2d", shape, rounds=1)
    for kind in convolutional_layers.KINDS:
        row = convolutional_layers.row(
            "conv_lstm2d", shape, figures, 100.0, kind
        )
        assert row["of_keras"] == row["ours"] / row["keras"]
        assert row["of_pytorch"] is None
        assert 0 < row["of_peak"] < 1
    figures = convolutional_tensorflow.measure("st_lstm2d", shape, rounds=1)
    row = convolutional_layers.row("st_lstm2d", shape, figures, 100.0, "")
    assert row["ours"] > 0
    assert row["keras"] is None


@pytest.mark.extended
def test_ctc_is_timed_next_to_a_reference():
    figures = ctc.measure(1, batch=2, frames=50)
    assert [*figures] == ["loss and gradient", "search, width 8"]
    assert np.min([*figures.values()]) > 0


@pytest.mark.parametrize("cell", layers.CONVOLUTIONAL_CELLS)
def test_the_share_of_the_peak_counts_the_kernels(cell):
    layer = layers.CONVOLUTIONAL_CELLS[cell](5, kernel_size=3)
    layer.build((1, 1, 4, 4, 2))
    kernels = [w for w in layer.trainable_variables if len(w.shape) == 4]
    count = sum(int(np.prod(kernel.shape)) for kernel in kernels)
    assert convolutional_layers.weights(cell, 2, 5, 3) == count


@pytest.mark.extended
def test_times_both_language_models(monkeypatch):
    for name in ("STREAMS", "STEPS", "VOCABULARY"):
        monkeypatch.setattr(language_model, name, 4)
    figures = language_model_tensorflow.measure(2, rounds=1)
    assert [*figures] == ["ours", "Keras"]
    assert min(figures.values()) > 0


def test_measures_the_memory_of_a_step():
    grown = recurrent_memory.working_memory(lambda: bytearray(b"x" * 2**25))
    assert grown is None or 30 < grown < 200


def test_few_labels_are_drawn_balanced_and_the_same_each_time():
    reviews = [imdb.Review(i, i % 2, b"%d" % i) for i in range(50)]
    drawn = few_labels.draw(reviews, 20, "labels")
    assert drawn == few_labels.draw(reviews, 20, "labels")
    assert sum(review.label for review in drawn) == 10
    assert len({review.number for review in drawn}) == 20
    rows = [
        {"labels": count, "from scratch": 0.5, "NB-SVM": 0.6}
        for count in few_labels.LABELS
    ]
    (axes,) = few_labels.figure(rows).axes
    assert [line.get_label() for line in axes.lines] == [*rows[0]][1:]


def test_hostile_requests_are_the_same_each_time():
    first = list(hostile_requests.payloads("m", 60))
    assert first == list(hostile_requests.payloads("m", 60))
    assert len(set(first)) > 30


def test_the_load_test_has_all_figures(tmp_path):
    """Against a server that answers each request with an empty object."""
    bodies = serving.write_bodies(tmp_path / "bodies.json", 5, 20)
    texts = [json.loads(b)["instances"] for b in json.loads(bodies.read_text())]
    assert all(len(text) == 1 for text in texts)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    figures = asyncio.run(
        http_load.measure(
            server.server_port, "m", 2, 0.2, json.loads(bodies.read_text())
        )
    )
    server.shutdown()
    assert figures["statuses"].keys() == {200}
    assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
