"""JSON in the forms, and with the messages, of TensorFlow Serving."""

import json
import re
import types

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies

from common.serving import json_inputs
from common.serving import json_outputs
from common.serving import json_values
from common.serving.refusals import Refusal


def signature(**inputs):
    """Returns inputs by name, of any shape."""
    specs = {name: tf.TensorSpec(None, dtype) for name, dtype in inputs.items()}
    return types.SimpleNamespace(inputs=specs, defaults={})


TEXT = signature(text=tf.string)
FLOATS = signature(x=tf.float32)
BYTES = signature(n=tf.uint8)
PAIR = signature(n=tf.int32, x=tf.float32)


def read(request, of):
    return json_inputs.read_inputs(json_inputs.parse(json.dumps(request)), of)


def message(function, *args):
    with pytest.raises(Refusal) as caught:
        function(*args)
    assert caught.value.http == 400
    return str(caught.value)


@pytest.mark.parametrize(
    ("request_", "of", "expected"),
    [
        ({"instances": ["a", "é"]}, TEXT, {"text": [b"a", "é".encode()]}),
        ({"instances": [{"b64": "AP8="}]}, TEXT, {"text": [b"\x00\xff"]}),
        ({"instances": [{"b64": " AP8 "}]}, TEXT, {"text": [b"\x00\xff"]}),
        ({"instances": [{"text": {"b64": ""}}]}, TEXT, {"text": [b""]}),
        (
            {"instances": [[{"b64": "YQ=="}, "b"]]},
            TEXT,
            {"text": [[b"a", b"b"]]},
        ),
        ({"instances": [[1, 2.5], [3, 4]]}, FLOATS, {"x": [[1, 2.5], [3, 4]]}),
        ({"inputs": [[1, 2.5], [3, 4]]}, FLOATS, {"x": [[1, 2.5], [3, 4]]}),
        ({"inputs": 1}, FLOATS, {"x": 1}),
        ({"inputs": {"b64": "YQ=="}}, TEXT, {"text": b"a"}),
        ({"inputs": {"text": ["a"]}}, TEXT, {"text": [b"a"]}),
        ({"inputs": {"n": 2, "x": [0.5]}}, PAIR, {"n": 2, "x": [0.5]}),
        (
            {"instances": [{"n": 2, "x": 0.5}, {"x": 1, "n": 3}]},
            PAIR,
            {"n": [2, 3], "x": [0.5, 1]},
        ),
        ({"inputs": []}, FLOATS, {"x": []}),
        ({"inputs": [0, 255]}, BYTES, {"n": [0, 255]}),
    ],
)
def test_reads_rows_and_columns(request_, of, expected):
    inputs = read(request_, of)
    assert {name: v.tolist() for name, v in inputs.items()} == expected
    for name, value in inputs.items():
        wanted = of.inputs[name].dtype
        assert value.dtype == (
            object if wanted == tf.string else wanted.as_numpy_dtype
        )


def test_infinity_and_nan_are_numbers():
    values = read({"inputs": [float("inf"), float("nan"), 1e300]}, FLOATS)["x"]
    assert np.isposinf(values[[0, 2]]).all()
    assert np.isnan(values[1])


def test_inputs_with_defaults_may_be_absent():
    pair = signature(n=tf.int32, x=tf.float32)
    pair.defaults = {"n": np.int32(7)}
    assert read({"inputs": {"x": 1}}, pair).keys() == {"x"}
    assert read({"instances": [{"x": 1}, {"x": 2}]}, pair).keys() == {"x"}
    text = message(read, {"instances": [{"x": 1}, {"x": 2, "n": 3}]}, pair)
    assert "Failed to process element: 1 of 'instances' list" in text


ELEMENT = "Failed to process element: "


@pytest.mark.parametrize(
    ("request_", "of", "expected"),
    [
        ({}, TEXT, "Missing 'inputs' or 'instances' key"),
        (
            {"instances": [1], "inputs": 1},
            FLOATS,
            'JSON Value: {"instances": [1], "inputs": 1} Not formatted '
            "correctly expecting only one of 'inputs' or 'instances' keys to "
            "exist ",
        ),
        (
            {"instances": 1},
            FLOATS,
            "JSON Value: {\"instances\": 1} Expecting 'instances' to be an "
            "list/array",
        ),
        (
            {"instances": []},
            FLOATS,
            "JSON Value: {\"instances\": []} No values in 'instances' array",
        ),
        (
            {"instances": [1]},
            PAIR,
            "instances is a plain list, but expecting list of objects as "
            "multiple input tensors required as per tensorinfo_map",
        ),
        (
            {"inputs": [1]},
            PAIR,
            "inputs is a plain value/list, but expecting an object as multiple "
            "input tensors required as per tensorinfo_map",
        ),
        (
            {"inputs": {"x": 1}},
            PAIR,
            "Missing named input: n in 'inputs' object.",
        ),
        (
            {"instances": [{"x": 1}]},
            PAIR,
            ELEMENT
            + "0 of 'instances' list. JSON object: {\"x\": 1} keys must "
            "be equal to: n,x",
        ),
        (
            {"instances": [{"y": 1}]},
            FLOATS,
            ELEMENT + "0 key: y of 'instances' list. Error: INVALID_ARGUMENT: "
            "JSON object: does not have named input: y",
        ),
        (
            {"instances": [{"x": 1}, 2]},
            FLOATS,
            "Expecting object but got list at item 1 of input list",
        ),
        (
            {"instances": [1, {"x": 1}]},
            FLOATS,
            "Expecting value/list but got object at item 1 of input list",
        ),
        (
            {"instances": [[1, 2], [3]]},
            FLOATS,
            ELEMENT + "1 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting tensor size: 2 but got: 1",
        ),
        (
            {"instances": [[[1, 2]], [1, 2]]},
            FLOATS,
            ELEMENT + "1 of 'instances' list. Error: INVALID_ARGUMENT: "
            "Expecting shape [1,2] but got: [2]",
        ),
        (
            {"inputs": ["a"]},
            FLOATS,
            'JSON Value: "a" Type: String is not of expected type: float',
        ),
        (
            {"inputs": [1, True]},
            FLOATS,
            "JSON Value: true Type: True is not of expected type: float",
        ),
        (
            {"inputs": [None]},
            TEXT,
            "JSON Value: null Type: Null is not of expected type: string",
        ),
        (
            {"inputs": {"n": 1.5}},
            BYTES,
            "JSON Value: 1.5 Type: Number is not of expected type: uint8",
        ),
        (
            {"inputs": [0, 256]},
            BYTES,
            "JSON Value: 256 Type: Number is not of expected type: uint8",
        ),
        (
            {"inputs": [[1, 2], [3]]},
            FLOATS,
            "Encountered list at unexpected size: 1 at level: 1 expected size: "
            "2",
        ),
        (
            {"inputs": [1, [2]]},
            FLOATS,
            "Encountered list at unexpected level: 1 expected < 1",
        ),
        (
            {"inputs": [[1], 2]},
            FLOATS,
            "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. "
            "Expected at level: 2",
        ),
        ({"inputs": [{"b64": "?"}]}, TEXT, "Unable to base64 decode"),
        (
            {"inputs": [{"b64": 1}]},
            TEXT,
            'JSON Value: {"b64": 1} not formatted correctly for base64 data',
        ),
        (
            {"inputs": ["\ud800"]},
            TEXT,
            'JSON Value: "\\ud800" is not valid Unicode',
        ),
        (
            {"signature_name": 1, "inputs": 1},
            FLOATS,
            'JSON Value: {"signature_name": 1, "inputs": 1} not formatted '
            "correctly. 'signature_name' key must be a string value.",
        ),
    ],
)
def test_what_is_wrong_is_named(request_, of, expected):
    assert message(read, request_, of) == expected


@pytest.mark.parametrize("key", ["inputs", "instances"])
def test_lists_in_lists_have_a_limit(key):
    body = f'{{"{key}": {"[" * 100}{"]" * 100}}}'.encode()
    text = message(
        lambda: json_inputs.read_inputs(json_inputs.parse(body), FLOATS)
    )
    assert re.search(r"Lists are nested \d+ times\.", text)


def test_integers_above_all_floats_are_refused():
    text = message(read, {"inputs": [10**400]}, FLOATS)
    assert text.endswith("Type: Number is not of expected type: float")
    assert len(text) < 400


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "JSON Parse error: Expecting value at offset: 0"),
        (b'{"a": }', "JSON Parse error: Expecting value at offset: 6"),
        (b"[1]", "JSON Value: [1] Is not object"),
        (b"{} {}", "JSON Parse error: Extra data at offset: 3"),
        (b'{"a": "\xff"}', "JSON Parse error: not UTF-8 at offset: 7"),
        (b"[" * 10**5, "JSON Parse error: a number has too many digits, or"),
        (b"1" * 10**5, "JSON Parse error: a number has too many digits, or"),
    ],
)
def test_a_body_that_is_not_json_is_refused(body, expected):
    assert message(json_inputs.parse, body).startswith(expected)


def test_a_long_value_is_quoted_in_part():
    text = message(read, {"inputs": [["a" * 10**6]], "instances": 1}, TEXT)
    assert len(text) < 2 * json_values.QUOTED


def test_outputs_are_written_by_rows_or_columns():
    outputs = {"y": np.float32([0.1, 2]), "n": np.int64([3, 4])}
    rows = json.loads(json_outputs.write_outputs(outputs, by_rows=True))
    assert [row["n"] for row in rows["predictions"]] == [3, 4]
    assert np.float32(rows["predictions"][0]["y"]) == outputs["y"][0]
    columns = json.loads(json_outputs.write_outputs(outputs, by_rows=False))
    assert columns["outputs"]["n"] == [3, 4]


def test_the_name_of_a_single_output_is_left_out():
    outputs = {"y": np.array([[True], [False]])}
    assert json_outputs.write_outputs(outputs, True) == (
        b'{"predictions": [[true], [false]]}'
    )
    assert json_outputs.write_outputs({"y": np.float32(0.5)}, False) == (
        b'{"outputs": 0.5}'
    )


def test_bytes_are_written_as_base64():
    texts = np.array([[b"a", "é".encode()]], object)
    assert json_outputs.write_outputs({"text": texts}, False) == (
        '{"outputs": [["a", "é"]]}'.encode()
    )
    base64 = b'{"outputs": [[{"b64": "YQ=="}, {"b64": "w6k="}]]}'
    assert json_outputs.write_outputs({"a_bytes": texts}, False) == base64
    not_text = np.array([b"\xff"], object)
    assert json_outputs.write_outputs({"text": not_text}, False) == (
        b'{"outputs": [{"b64": "/w=="}]}'
    )
    empty = np.empty([2, 0], object)
    assert json_outputs.write_outputs({"a": empty}, False) == (
        b'{"outputs": [[], []]}'
    )


def test_rows_of_different_numbers_cannot_be_written():
    outputs = {"a": np.zeros(2), "b": np.zeros(3)}
    assert message(json_outputs.write_outputs, outputs, True) == (
        "Tensor name: b has inconsistent batch size: 3 expecting: 2"
    )
    assert message(json_outputs.write_outputs, {"a": np.float32(1)}, True) == (
        "Tensor name: a has no shape information "
    )


LEAVES = strategies.sampled_from(
    [None, True, 0, -1, 300, 10**30, 0.5, "", "a", "\ud800", {"b64": "YQ"}]
)
JSON = strategies.recursive(
    LEAVES,
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["x", "n", "text"]), inner, max_size=2
        )
    ),
    max_leaves=6,
)


@hypothesis.given(
    strategies.sampled_from(["inputs", "instances"]),
    JSON,
    strategies.sampled_from([TEXT, FLOATS, BYTES, PAIR]),
)
def test_any_json_is_read_or_refused(key, value, of):
    try:
        inputs = read({key: value}, of)
    except Refusal as refusal:
        assert str(refusal)
    else:
        assert inputs.keys() == of.inputs.keys()
