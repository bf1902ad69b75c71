"""The client of the published stubs gets the answers of TensorFlow Serving."""

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import get_model_metadata_pb2
from tensorflow_serving.apis import get_model_status_pb2
from tensorflow_serving.apis import model_service_pb2_grpc
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

from common.serving import tensor_protos
from common.serving.refusals import Refusal

TEXTS = tf.make_tensor_proto(["a", "é"])


@pytest.fixture(scope="module")
def channel(client):
    with grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}") as c:
        yield c


@pytest.fixture
def predict(channel):
    """Returns a function that sends inputs to a model."""
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)

    def send(name, signature="", version=None, outputs=(), **inputs):
        request = predict_pb2.PredictRequest(output_filter=outputs)
        request.model_spec.name = name
        request.model_spec.signature_name = signature
        if isinstance(version, str):
            request.model_spec.version_label = version
        elif version:
            request.model_spec.version.value = version
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(value)
        return stub.Predict(request, timeout=60)

    return send


def refusal(function, *args, **keywords):
    with pytest.raises(grpc.RpcError) as caught:
        function(*args, **keywords)
    return caught.value.code().name, caught.value.details()


def test_predicts(predict):
    response = predict("texts", text=TEXTS)
    assert response.model_spec.name == "texts"
    assert response.model_spec.version.value == 1
    assert response.model_spec.signature_name == "serving_default"
    # As values: clients read these fields.
    assert list(response.outputs["length"].int_val) == [1, 2]
    assert list(response.outputs["upper"].string_val) == [b"A", "é".encode()]


def test_predicts_numbers_with_a_version(predict):
    x = tf.make_tensor_proto(np.float32([[1, 2.5]]))
    n = tf.make_tensor_proto(np.uint8([3]))
    response = predict("numbers", version=1, x=x, n=n)
    assert list(response.outputs["sum"].float_val) == [6.5]
    assert tf.make_ndarray(response.outputs["sum"]).tolist() == [6.5]


def test_defaults_of_inputs_hold(predict):
    response = predict("texts", "repeat", text=TEXTS)
    assert response.outputs["text"].string_val[0] == b"aa"


def test_outputs_can_be_chosen(predict):
    response = predict("texts", outputs=["length"], text=TEXTS)
    assert list(response.outputs) == ["length"]
    assert refusal(predict, "texts", outputs=["x"], text=TEXTS) == (
        "INVALID_ARGUMENT",
        "output tensor alias not found in signature: x Outputs expected to be "
        "in the set {length,upper,version}.",
    )


def test_errors_are_those_of_tensorflow_serving(predict):
    assert refusal(predict, "none", text=TEXTS) == (
        "NOT_FOUND",
        "Servable not found for request: Latest(none)",
    )
    assert refusal(predict, "texts", version=9, text=TEXTS) == (
        "NOT_FOUND",
        "Servable not found for request: Specific(texts, 9)",
    )
    assert refusal(predict, "texts", version="x", text=TEXTS) == (
        "INVALID_ARGUMENT",
        "Unrecognized servable version label: x",
    )
    assert refusal(predict, "texts", "x", text=TEXTS) == (
        "FAILED_PRECONDITION",
        'Serving signature key "x" not found.',
    )
    assert refusal(predict, "texts", word=TEXTS) == (
        "INVALID_ARGUMENT",
        "input size does not match signature: 1!=1 len({word}) != len({text}). "
        "Sent extra: {word}. Missing but required: {text}.",
    )
    code, text = refusal(predict, "texts", text=tf.make_tensor_proto([1]))
    assert code == "INVALID_ARGUMENT"
    assert text == "Input 'text' is of type int32; the signature takes string."


def test_reports_the_state_of_versions(channel):
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    request = get_model_status_pb2.GetModelStatusRequest()
    assert refusal(stub.GetModelStatus, request)[1] == "Missing ModelSpec"
    request.model_spec.name = "texts"
    (status,) = stub.GetModelStatus(request, timeout=60).model_version_status
    assert (status.version, status.state) == (1, status.AVAILABLE)
    assert status.status.error_code == 0
    request.model_spec.version.value = 9
    assert refusal(stub.GetModelStatus, request) == (
        "NOT_FOUND",
        "Could not find version 9 of model texts",
    )


def test_describes_signatures(channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    request = get_model_metadata_pb2.GetModelMetadataRequest(
        metadata_field=["signature_def"]
    )
    request.model_spec.name = "numbers"
    response = stub.GetModelMetadata(request, timeout=60)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def.keys() == {
        "serving_default",
        "half",
        "last",
    }


@pytest.mark.parametrize(
    "value",
    [
        np.float32([[0.5, np.nan]]),
        np.float16([1.5]),
        np.int64([-1, 2**62]),
        np.uint8([0, 255]),
        np.array(True),
        np.array([b"a", b"\xff"], object),
        np.zeros([0, 3], np.float64),
    ],
)
def test_arrays_come_back(value):
    message = tf.make_tensor_proto(0)
    message.Clear()
    tensor_protos.write(value, message)
    back = tensor_protos.read("x", message, 1000)
    np.testing.assert_array_equal(back, value)
    assert back.dtype == value.dtype


@pytest.mark.parametrize(
    ("shape", "http"), [([10**9], 413), ([-1], 400), ([3], 400)]
)
def test_a_shape_that_does_not_fit_is_refused(shape, http):
    message = tf.make_tensor_proto([1.0, 2.0])
    message.tensor_shape.Clear()
    for size in shape:
        message.tensor_shape.dim.add(size=size)
    message.tensor_content = np.float32([1, 2]).tobytes()
    with pytest.raises(Refusal) as caught:
        tensor_protos.read("x", message, 1000)
    assert caught.value.http == http
