"""What is too large, too much or too slow is refused, and nothing else."""

import concurrent.futures
import socket
import threading
import time

import numpy as np
import pytest

from common.serving.refusals import Refusal
from common.serving.signature import Signature
from common.serving.version import Version

TEXTS = "/v1/models/texts:predict"
NUMBERS = "/v1/models/numbers:predict"


@pytest.fixture(scope="module")
def bounded(serve):
    """Returns a client of a server with low bounds."""
    return serve(max_rows=3, max_megabytes=1, max_count=10, max_queue=2)


def test_too_many_rows_are_refused(bounded):
    for rows, expected in ((3, 200), (4, 413)):
        body = {"instances": ["a"] * rows}
        code, answer = bounded.post(TEXTS, body)
        assert code == expected
    assert answer == {
        "error": "The request has 4 rows; at most 3 are allowed: divide it."
    }


def test_too_large_bodies_are_refused(bounded):
    for size, expected in ((2**20 - 100, 200), (2**20, 413)):
        code, answer = bounded.post(TEXTS, {"instances": ["a" * size]})
        assert code == expected
    assert answer == {"error": "The request is larger than 1048576 bytes."}


def test_too_large_bodies_of_unknown_size_are_refused(bounded):
    parts = (b" " * 2**16 for _ in range(17))
    assert bounded.call("POST", TEXTS, parts)[0] == 413


def test_large_requests_fill_the_memory(bounded):
    memory = bounded.service.memory
    with memory.held() as a, memory.held() as b:
        a.add(2**20)
        b.add(2**20)
        with memory.held() as c, memory.held() as d, memory.held() as e:
            c.add(2**20)
            d.add(2**20)
            with pytest.raises(Refusal, match="large requests") as caught:
                e.add(1)
            assert caught.value.http == 429
    assert bounded.post(TEXTS, {"instances": ["a"]})[0] == 200
    with memory.held() as share:
        share.add(2**20)  # All is free again.


@pytest.mark.parametrize(("length", "expected"), [(10, 200), (11, 413)])
def test_too_high_counts_are_refused(bounded, length, expected):
    inputs = {"text": ["a"], "length": length}
    body = {"signature_name": "repeat", "inputs": inputs}
    code, answer = bounded.post(TEXTS, body)
    assert code == expected
    if code != 200:
        assert answer["error"] == (
            "Input 'length' is 11; at most 10 is allowed."
        )


def test_a_compressed_body_is_refused(bounded):
    code, _ = bounded.call(
        "POST", TEXTS, b"", headers={"Content-Encoding": "gzip"}
    )
    assert code == 415


def test_an_endless_header_is_refused(bounded):
    address = ("127.0.0.1", bounded.server.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: ")
        with pytest.raises(OSError, match="reset|pipe|Bad"):
            for _ in range(10_000):
                connection.sendall(b"a" * 2**16)
            raise OSError("Bad: a header of 655 MB was read.")


class Blocked:
    """Keeps the threads of a server busy until `release`."""

    def __init__(self, client):
        predictor = client.service.predictor
        self._may_end = threading.Event()
        for _ in range(predictor.threads):
            predictor.pool.submit(self._may_end.wait, 30)

    def release(self):
        self._may_end.set()


def wait_for(queue, length):
    while len(queue) < length:
        time.sleep(0.001)


def queue_of(client, model):
    served = client.service.repository.find(model)
    return served, served.queues["serving_default"]


def answers_of_a_batch(client, model, address, bodies):
    """Returns the answers to requests that wait at the same time."""
    _, queue = queue_of(client, model)
    blocked = Blocked(client)
    with concurrent.futures.ThreadPoolExecutor(len(bodies)) as clients:
        answers = [
            clients.submit(client.post, address, body) for body in bodies
        ]
        wait_for(queue, len(bodies))
        blocked.release()
        return [answer.result() for answer in answers]


def test_concurrent_requests_are_answered_together(serve):
    client = serve()
    bodies = [{"inputs": ["a" * i] * i} for i in range(1, 9)]
    answers = answers_of_a_batch(client, "texts", TEXTS, bodies)
    for i, (code, content) in enumerate(answers, 1):
        assert code == 200
        assert content["outputs"]["upper"] == ["A" * i] * i
        assert content["outputs"]["length"] == [i] * i
    page = client.session.get(f"{client.url}/metrics").text
    assert 'unroll_batch_rows_count{model="texts",version="1"} 1.0' in page
    assert 'unroll_batch_rows_sum{model="texts",version="1"} 36.0' in page


def test_a_wrong_request_does_not_spoil_its_batch(serve):
    bodies = [{"inputs": {"x": [[0, 0]], "n": [n]}} for n in (1, 250, 3)]
    answers = answers_of_a_batch(serve(), "numbers", NUMBERS, bodies)
    assert [code for code, _ in answers] == [200, 400, 200]
    assert answers[2][1] == {"outputs": [3.0]}


def test_a_full_queue_refuses(bounded):
    served, _ = queue_of(bounded, "texts")
    blocked = Blocked(bounded)
    signature = served.version.signature("")
    inputs = {"text": np.array([b"a"], object)}
    tickets = [
        bounded.service.predictor.submit(served, signature, inputs)
        for _ in range(2)
    ]
    assert bounded.post(TEXTS, {"instances": ["a"]}) == (
        429,
        {"error": "2 requests wait already: try again later."},
    )
    blocked.release()
    for ticket in tickets:
        assert ticket.job.future.result(30)["length"].tolist() == [1]


def test_what_takes_too_long_is_stopped(serve):
    client = serve(timeout=0.2, max_count=10**9)
    inputs = {"text": ["a"], "length": 10**9}
    code, answer = client.post(
        TEXTS, {"signature_name": "repeat", "inputs": inputs}
    )
    assert code == 504
    assert answer["error"].startswith("No answer within 0.2 seconds")
    client.service.predictor.close()  # Waits for runs: none is left.


def test_a_request_that_waits_too_long_is_dropped(serve):
    client = serve(timeout=0.2)
    _, queue = queue_of(client, "texts")
    blocked = Blocked(client)
    assert client.post(TEXTS, {"instances": ["a"]})[0] == 504
    assert len(queue) == 0
    blocked.release()


def test_a_body_that_does_not_arrive_is_given_up(serve):
    client = serve(timeout=0.2)
    address = ("127.0.0.1", client.server.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(
            b"POST /v1/models/texts:predict HTTP/1.1\r\nHost: a\r\n"
            b"Content-Length: 9\r\n\r\n{"
        )
        assert b" 408 " in connection.recv(1000)


def test_without_batching_requests_run_apart(serve):
    client = serve(batch_rows=1)
    _, queue = queue_of(client, "texts")
    blocked = Blocked(client)
    with concurrent.futures.ThreadPoolExecutor(3) as clients:
        answers = [
            clients.submit(client.post, TEXTS, {"inputs": ["a"]})
            for _ in range(3)
        ]
        wait_for(queue, 3)
        blocked.release()
        assert {answer.result()[0] for answer in answers} == {200}
    page = client.session.get(f"{client.url}/metrics").text
    assert 'unroll_batch_rows_count{model="texts",version="1"} 3.0' in page


def test_signatures_batch_only_what_is_answered_row_by_row(client):
    def batches(model):
        served = client.service.repository.find(model)
        signatures = served.version.signatures.values()
        return {s.name: s.batches for s in signatures}

    assert batches("texts") == {
        "serving_default": True,
        "echo": True,
        # As many rows as tokens, and an input without rows.
        "tokens": False,
        "repeat": False,
    }
    assert batches("numbers") == {
        "serving_default": True,
        "half": False,
        "last": True,
    }


def test_every_signature_runs_when_it_is_loaded(exports, monkeypatch):
    """Not in the first request, which would wait for seconds."""
    ran, run = set(), Signature.run

    def recorded(self, inputs, cancellation):
        outputs = run(self, inputs, cancellation)
        ran.add(self.name)
        return outputs

    monkeypatch.setattr(Signature, "run", recorded)
    for model in ("texts", "numbers"):
        signatures = Version(exports / model / "1").signatures
        assert ran == signatures.keys()
        ran.clear()
