"""Small SavedModels, and a server of them in this process."""

import json
import types

import pytest
import requests
import tensorflow as tf

from common.serving import server as server_lib
from common.serving import service as service_lib
from common.serving.options import Options


class Texts(tf.Module):
    """Counts the bytes of texts; its answers name their version."""

    def __init__(self, version=1):
        super().__init__()
        self.version = tf.Variable(version)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(self, text):
        lengths = tf.strings.length(text)
        return {
            "length": lengths,
            "upper": tf.strings.upper(text),
            "version": tf.fill(tf.shape(lengths), self.version),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def tokens(self, text):
        """Returns the tokens of all texts in a row, and their numbers."""
        ragged = tf.strings.split(text)
        return {"token": ragged.flat_values, "count": ragged.row_lengths()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def echo(self, text):
        return {"echo_bytes": text}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, "text"),
            tf.TensorSpec([], tf.int32, "length"),
        ]
    )
    def repeat(self, text, length=tf.constant(2)):
        """Takes as long as `length` says."""
        i, joined = tf.constant(0), tf.fill(tf.shape(text), "")
        while i < length:
            joined, i = tf.strings.substr(joined + text, 0, 9), i + 1
        return {"text": joined}

    def save(self, path, *further):
        """Writes `serving_default` and further signatures by name."""
        functions = {name: getattr(self, name) for name in further}
        signatures = {"serving_default": self.serve, **functions}
        tf.saved_model.save(self, path, signatures)


class Numbers(tf.Module):
    """Adds a row of floats and a small integer."""

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2], tf.float32, "x"),
            tf.TensorSpec([None], tf.uint8, "n"),
        ]
    )
    def serve(self, x, n):
        tf.debugging.assert_less(n, tf.constant(200, tf.uint8), "n is too high")
        return {"sum": tf.reduce_sum(x, 1) + tf.cast(n, tf.float32)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, "x")])
    def half(self, x):
        return {"half": x / 2}

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.float32, "prices")]
    )
    def last(self, prices):
        """Refuses short histories, and prices that are not positive."""
        tf.debugging.assert_greater(tf.shape(prices)[1], 10, "too short")
        tf.debugging.assert_positive(prices, "not positive")
        return {"last": prices[:, -1]}

    def save(self, path):
        signatures = {
            "serving_default": self.serve,
            "half": self.half,
            "last": self.last,
        }
        tf.saved_model.save(self, path, signatures)


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    """Returns a folder with two models, `texts` and `numbers`."""
    folder = tmp_path_factory.mktemp("exports")
    Texts().save(folder / "texts" / "1", "tokens", "echo", "repeat")
    Numbers().save(folder / "numbers" / "1")
    return folder


@pytest.fixture(scope="session")
def serve(exports):
    """Returns a function that starts a server of these models."""
    started = []

    def start(folder=exports, only="", **options):
        options = {"port": 0, "grpc_port": 0, **options}
        options["saved_models"] = str(folder)
        service = service_lib.Service(Options(**options), only)
        server = server_lib.Server(service)
        service.repository.poll()
        server.start()
        started.append(server)
        url = f"http://127.0.0.1:{server.port}"
        session = requests.Session()

        def call(method, path, body=None, **keywords):
            if isinstance(body, dict):
                body = json.dumps(body)
            response = session.request(
                method, url + path, data=body, timeout=60, **keywords
            )
            return response.status_code, response.json()

        return types.SimpleNamespace(
            url=url,
            service=service,
            server=server,
            get=lambda path: call("GET", path),
            post=lambda path, body: call("POST", path, body),
            call=call,
            session=session,
        )

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def client(serve):
    """Returns a client of a server of both models."""
    return serve()
