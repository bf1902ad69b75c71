"""The REST interface answers as TensorFlow Serving does."""

import json

import pytest

TEXTS, NUMBERS = "/v1/models/texts", "/v1/models/numbers"


def test_answers_rows_of_texts(client):
    code, answer = client.post(f"{TEXTS}:predict", {"instances": ["a", "é"]})
    assert code == 200
    assert answer == {
        "predictions": [
            {"length": 1, "upper": "A", "version": 1},
            {"length": 2, "upper": "é", "version": 1},
        ]
    }


def test_answers_rows_of_named_numbers(client):
    rows = [{"x": [1, 2.5], "n": 3}, {"x": [0, 0], "n": 7}]
    assert client.post(f"{NUMBERS}:predict", {"instances": rows}) == (
        200,
        {"predictions": [6.5, 7.0]},
    )


def test_answers_columns(client):
    columns = {"x": [[1, 2.5], [0, 0]], "n": [3, 7]}
    assert client.post(f"{NUMBERS}:predict", {"inputs": columns}) == (
        200,
        {"outputs": [6.5, 7.0]},
    )


@pytest.mark.parametrize("place", ["", "/versions/1"])
def test_answers_with_a_named_signature_and_version(client, place):
    body = {"signature_name": "half", "inputs": 3}
    assert client.post(f"{NUMBERS}{place}:predict", body) == (
        200,
        {"outputs": 1.5},
    )


def test_answers_bytes(client):
    body = {"signature_name": "echo", "instances": [{"b64": "/w=="}]}
    assert client.post(f"{TEXTS}:predict", body) == (
        200,
        {"predictions": [{"b64": "/w=="}]},
    )


def test_defaults_of_inputs_hold(client):
    body = {"signature_name": "repeat", "inputs": {"text": ["ab"]}}
    assert client.post(f"{TEXTS}:predict", body) == (
        200,
        {"outputs": ["abab"]},
    )
    body["inputs"]["length"] = 3
    assert client.post(f"{TEXTS}:predict", body)[1] == {"outputs": ["ababab"]}


def test_a_default_content_type_is_no_obstacle(client):
    body = json.dumps({"instances": ["a"]})
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        code, _ = client.call(
            "POST", f"{TEXTS}:predict", body, headers={"Content-Type": kind}
        )
        assert code == 200


def test_reports_the_state_of_versions(client):
    status = {"error_code": "OK", "error_message": ""}
    version = {"version": "1", "state": "AVAILABLE", "status": status}
    expected = (200, {"model_version_status": [version]})
    assert client.get(TEXTS) == expected
    assert client.get(f"{TEXTS}/versions/1") == expected


def test_describes_signatures(client):
    code, answer = client.get(f"{NUMBERS}/metadata")
    assert code == 200
    assert answer["model_spec"] == {
        "name": "numbers",
        "signature_name": "",
        "version": "1",
    }
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    assert signatures.keys() == {"serving_default", "half", "last"}
    default = signatures["serving_default"]
    assert default["method_name"] == "tensorflow/serving/predict"
    x = default["inputs"]["x"]
    assert x["dtype"] == "DT_FLOAT"
    assert x["tensor_shape"] == {
        "dim": [{"size": "-1", "name": ""}, {"size": "2", "name": ""}],
        "unknown_rank": False,
    }
    assert default["outputs"].keys() == {"sum"}


def error(code, text):
    return code, {"error": text}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/models/none", (404, "Could not find any versions of model none")),
        (
            f"{TEXTS}/versions/9",
            (404, "Could not find version 9 of model texts"),
        ),
        (
            f"{TEXTS}/labels/x",
            (400, "Unrecognized servable version label: x"),
        ),
        (
            "/v1/models/none/metadata",
            (404, "Servable not found for request: Latest(none)"),
        ),
        ("/v1/models", (400, "Malformed request: GET /v1/models")),
        (f"{TEXTS}:predict", (400, f"Malformed request: GET {TEXTS}:predict")),
        (
            f"{TEXTS}/versions/99999999999999999999999",
            (
                400,
                "Failed to convert version: 99999999999999999999999 to "
                "numeric.",
            ),
        ),
    ],
)
def test_gets_have_the_errors_of_tensorflow_serving(client, path, expected):
    assert client.get(path) == error(*expected)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (
            "/v1/models/none:predict",
            {"instances": [1]},
            (404, "Servable not found for request: Latest(none)"),
        ),
        (
            f"{TEXTS}/versions/9:predict",
            {"instances": [1]},
            (404, "Servable not found for request: Specific(texts, 9)"),
        ),
        (
            f"{TEXTS}/labels/x:predict",
            {"instances": [1]},
            (400, "Unrecognized servable version label: x"),
        ),
        (
            f"{TEXTS}:predict",
            {"signature_name": "x", "instances": ["a"]},
            (400, 'Serving signature name: "x" not found in signature def'),
        ),
        (
            f"{TEXTS}:classify",
            {"examples": []},
            (
                400,
                "Expected classification signature method_name to be "
                "tensorflow/serving/classify. Was: tensorflow/serving/predict",
            ),
        ),
        (f"{TEXTS}:fly", {}, (400, f"Malformed request: POST {TEXTS}:fly")),
        (
            f"{TEXTS}:predict",
            "",
            (400, "JSON Parse error: Expecting value at offset: 0"),
        ),
        (
            f"{NUMBERS}:predict",
            {"inputs": {"x": [[1, 2, 3]], "n": [1]}},
            (
                400,
                "Input 'x' has the shape [1, 3]; the signature takes (None, "
                "2).",
            ),
        ),
        (
            f"{TEXTS}:predict",
            {
                "signature_name": "repeat",
                "instances": [{"text": "a", "length": 1}],
            },
            (400, "Input 'length' has the shape [1]; the signature takes ()."),
        ),
    ],
)
def test_posts_have_the_errors_of_tensorflow_serving(
    client, path, body, expected
):
    assert client.post(path, body) == error(*expected)


def test_what_a_model_refuses_is_a_sentence(client):
    body = {"inputs": {"x": [[0, 0]], "n": [250]}}
    code, answer = client.post(f"{NUMBERS}:predict", body)
    assert code == 400
    assert answer["error"].startswith("assertion failed: [n is too high]")
    assert "node" not in answer["error"]


def test_another_method_is_refused(client):
    assert client.session.put(client.url + TEXTS).status_code == 405


def test_headers_do_not_name_the_program(client):
    headers = client.session.get(client.url + TEXTS).headers
    assert "server" not in headers
    assert headers["content-type"] == "application/json"
