"""Health, metrics, logs, the token, and what an operator sees."""

import asyncio
import concurrent.futures
import json
import logging
import pathlib
import re
import socket
import time

import grpc
import pytest
from starlette.requests import Request
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

from common.errors import UserError
from common.serving import logs
from common.serving import rest
from common.serving.options import Options
from common.serving.server import Server
from common.serving.service import Service
from common.serving.signature import sentence

TEXTS = "/v1/models/texts:predict"


def get(client, path):
    response = client.session.get(client.url + path)
    return response.status_code, response.text


def test_a_server_with_all_models_is_ready(client):
    assert get(client, "/healthz") == (200, "ok\n")
    assert get(client, "/readyz") == (200, "ready\n")


def test_a_server_without_a_model_that_loads_is_not_ready(tmp_path, serve):
    (tmp_path / "m" / "1").mkdir(parents=True)
    client = serve(tmp_path)
    assert get(client, "/healthz") == (200, "ok\n")
    assert get(client, "/readyz") == (503, "not ready\n")
    _, answer = client.get("/v1/models/m")
    (version,) = answer["model_version_status"]
    assert version["state"] == "END"
    assert version["status"]["error_code"] == "UNKNOWN"
    # Where the files are is not for clients.
    assert str(tmp_path) not in json.dumps(answer)
    page = get(client, "/metrics")[1]
    assert 'unroll_load_failures_total{model="m"} 1.0' in page


def test_metrics_count_requests_and_errors_by_model_and_version(serve):
    client = serve()
    for text in ("a", 1):
        client.post(TEXTS, {"instances": [text]})
    for i in range(3):  # Clients cannot add labels.
        client.post(f"/v1/models/none{i}:predict", {"instances": [1]})
    page = get(client, "/metrics")[1]
    version = 'model="texts",protocol="rest",version="1"'
    assert f"unroll_request_seconds_count{{{version}}} 2.0" in page
    error = (
        'unroll_request_errors_total{code="INVALID_ARGUMENT",'
        'model="texts",protocol="rest",version="1"} 1.0'
    )
    assert error in page
    assert (
        'unroll_request_errors_total{code="NOT_FOUND",model="",'
        'protocol="rest",version=""} 3.0'
    ) in page
    assert "none" not in page
    assert 'unroll_queue_requests{model="texts",version="1"} 0.0' in page


@pytest.fixture
def guarded(tmp_path, serve):
    """Returns a client of a server that needs the token `secret`."""
    (tmp_path / "token").write_text("secret\n")
    return serve(token_file=str(tmp_path / "token"))


def test_without_the_token_requests_are_refused(guarded):
    body = json.dumps({"instances": ["a"]})
    for header in ("", "Bearer", "Bearer secre", "Basic secret", "Bearer é"):
        headers = {"Authorization": header.encode()}
        code, answer = guarded.call("POST", TEXTS, body, headers=headers)
        assert code == 401
        assert answer == {
            "error": "Send the header Authorization: Bearer TOKEN."
        }
        response = guarded.session.get(
            f"{guarded.url}/metrics", headers=headers
        )
        assert response.status_code == 401
    headers = {"Authorization": "Bearer secret"}
    assert guarded.call("POST", TEXTS, body, headers=headers)[0] == 200
    assert get(guarded, "/healthz")[0] == get(guarded, "/readyz")[0] == 200


def test_grpc_needs_the_token_too(guarded):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "none"
    address = f"127.0.0.1:{guarded.server.grpc_port}"
    with grpc.insecure_channel(address) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        for token, expected in (
            ("x", grpc.StatusCode.UNAUTHENTICATED),
            ("secret", grpc.StatusCode.NOT_FOUND),
        ):
            metadata = [("authorization", f"Bearer {token}")]
            with pytest.raises(grpc.RpcError) as caught:
                stub.Predict(request, timeout=60, metadata=metadata)
            assert caught.value.code() == expected


def test_a_token_file_must_hold_a_token(tmp_path):
    (tmp_path / "token").write_text("\n")
    with pytest.raises(UserError, match="is empty: write a token"):
        Service(Options(token_file=str(tmp_path / "token")))


def test_an_error_that_nobody_expected_says_nothing(client, monkeypatch):
    def fail(*args):
        raise RuntimeError(f"secret in {pathlib.Path(__file__)}")

    monkeypatch.setattr(client.service.predictor, "submit", fail)
    assert client.post(TEXTS, {"instances": ["a"]}) == (
        500,
        {"error": "Internal error; the log of the server has more."},
    )


def test_the_log_has_a_line_of_json_for_each_request(client, caplog):
    with caplog.at_level(logging.INFO, logs.LOGGER.name):
        client.post(TEXTS, {"instances": ["private", "private"]})
        client.post("/v1/models/none:predict", {"instances": ["private"]})
        for _ in range(1000):  # Written after the answer is sent.
            lines = [logs.JsonFormatter().format(r) for r in caplog.records]
            # That of an earlier test may come late, too.
            events = {json.loads(line).get("code"): line for line in lines}
            if {"OK", "NOT_FOUND"} <= events.keys():
                break
            time.sleep(0.01)
    assert "private" not in "".join(lines)
    first, second = (json.loads(events[c]) for c in ("OK", "NOT_FOUND"))
    assert first["event"] == second["event"] == "request"
    assert (first["model"], first["version"]) == ("texts", 1)
    assert first["rows"] == 2
    assert second["model"] == ""
    assert re.fullmatch(
        r"20\d\d(-\d\d){2}T\d\d(:\d\d){2}\.\d{3}Z", first["time"]
    )


def test_the_answer_does_not_wait_for_the_log(tmp_path):
    rest_handlers = rest.Rest(Service(Options(saved_models=str(tmp_path))))
    scope = {"type": "http", "method": "GET", "path": "/v1/models/a"}
    count = 'unroll_request_seconds_count{model="",protocol="rest",version=""}'

    async def pages():
        await rest_handlers.models(Request({**scope, "headers": []}))
        for _ in range(2):
            page = await rest_handlers.metrics(
                Request({**scope, "headers": []})
            )
            yield page.body.decode()
            await asyncio.sleep(0)

    async def collect():
        return [page async for page in pages()]

    before, after = asyncio.run(collect())
    assert count not in before
    assert f"{count} 1.0" in after


def test_the_log_has_the_traceback_of_an_error():
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("a", 40, "", 1, "failed", None, info)
    line = logs.JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["traceback"].startswith("Traceback")


def test_requests_that_have_arrived_are_answered_before_the_end(serve):
    client = serve(max_count=10**6)
    inputs = {"text": ["ab"], "length": 3000}
    body = {"signature_name": "repeat", "inputs": inputs}
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        answers = [clients.submit(client.post, TEXTS, body) for _ in range(4)]
        while client.service.memory.requests < 4:
            time.sleep(0.001)
        client.server.stop()
        assert {answer.result()[0] for answer in answers} == {200}
    assert not client.service.is_ready
    for port in (client.server.port, client.server.grpc_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_it_listens_on_this_machine_alone(client):
    assert Options().host == "127.0.0.1"
    name = socket.gethostbyname(socket.gethostname())
    if name.startswith("127."):
        pytest.skip("the machine has no other address")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((name, client.server.port))


@pytest.mark.parametrize("protocol", ["port", "grpc_port"])
def test_a_taken_port_is_named(client, protocol):
    taken = getattr(client.server, protocol)
    options = {"port": 0, "grpc_port": 0, protocol: taken}
    with pytest.raises(UserError, match=f"{taken}.*choose another --"):
        Server(Service(Options(**options)))


def test_a_message_of_tensorflow_is_cut_to_its_sentence():
    message = (
        "Graph execution error:\n\nDetected at node 'a' defined at:\n"
        '  File "/home/me/secret.py", line 1\n'
        "{{function_node __inference_f_1}} Too short: [2]\n"
        "\t [[{{node Assert}}]] [Op:__inference_g_2]"
    )
    assert sentence(message) == "Too short: [2]"
    assert sentence("/home/me: secret") == (
        "The model cannot read these inputs."
    )
