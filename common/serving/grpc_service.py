"""The gRPC interface of TensorFlow Serving, on its published stubs."""

from concurrent import futures

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2
from tensorflow_serving.apis import get_model_status_pb2
from tensorflow_serving.apis import model_service_pb2_grpc
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

from common.errors import UserError
from common.serving import refusals
from common.serving import tensor_protos
from common.serving import version
from common.serving.refusals import Refusal
from common.serving.service import Record
from common.serving.service import Service
from common.serving.service import refusal_of

# Each waits for the answer to one request.
THREADS = 32
SIGNATURES = "signature_def"
# Of google.rpc, as in the states of versions.
_ERROR_CODES = {"OK": 0, "UNKNOWN": 2}


class GrpcServer:
    """Listens for gRPC.

    Args:
      service: Answers the requests.
      host: Address.
      port: 0 for any free one.

    Attributes:
      port: On which it listens.
    """

    def __init__(self, service: Service, host: str, port: int):
        options = service.options
        self._grace = options.timeout
        self._server = grpc.server(
            futures.ThreadPoolExecutor(THREADS, "grpc"),
            options=[
                ("grpc.max_receive_message_length", options.max_bytes),
                ("grpc.max_send_message_length", -1),
                # Otherwise two servers could share a port.
                ("grpc.so_reuseport", 0),
            ],
            maximum_concurrent_rpcs=THREADS + options.max_queue,
        )
        handlers = _Handlers(service)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            handlers, self._server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            handlers, self._server
        )
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self.port: int = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise UserError(
                f"Cannot listen on {address}: choose another --grpc_port, or "
                "turn gRPC off with --nogrpc."
            ) from error

    def start(self) -> None:
        """Begins to listen."""
        self._server.start()

    def stop(self) -> None:
        """Answers the requests that have arrived, and no others."""
        self._server.stop(self._grace).wait()


class _Handlers(
    prediction_service_pb2_grpc.PredictionServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
):
    """The methods; the names are those of the stubs."""

    def __init__(self, service):
        self._service = service

    def Predict(self, request, context):
        """Answers the inputs of a request."""
        return self._answer(self._predict, request, context)

    def GetModelMetadata(self, request, context):
        """Describes the signatures of a version."""
        return self._answer(self._metadata, request, context)

    def GetModelStatus(self, request, context):
        """Returns the states of versions."""
        return self._answer(self._status, request, context)

    def _answer(self, method, request, context):
        record, code = Record("grpc", method.__name__.strip("_")), "OK"
        try:
            self._authorize(context)
            return method(request, context, record)
        except Exception as error:
            refusal = refusal_of(error)
            code = refusal.code
        finally:
            record.stop()
            record.finish(self._service.metrics, code)
        return context.abort(grpc.StatusCode[code], str(refusal))

    def _authorize(self, context):
        headers = dict(context.invocation_metadata())
        self._service.authorize(headers.get("authorization", ""))

    def _predict(self, request, context, record):
        with self._service.memory.held() as share:
            share.add(request.ByteSize())
            served = self._find(request, record)
            signature = _signature(request, served)
            record.signature = signature.name
            outputs = _output_names(request, signature)
            max_bytes = self._service.options.max_bytes
            inputs = {
                name: tensor_protos.read(name, message, max_bytes)
                for name, message in request.inputs.items()
            }
            ticket = self._service.predictor.submit(served, signature, inputs)
            record.rows = ticket.job.rows
            values = self._outputs(ticket, context)
        response = predict_pb2.PredictResponse()
        _set_spec(response.model_spec, served, signature.name)
        for name in outputs:
            tensor_protos.write(values[name], response.outputs[name])
        return response

    def _outputs(self, ticket, context):
        """Waits for the outputs; stops the run if nobody else does."""
        context.add_callback(ticket.abandon)
        seconds = self._service.options.timeout
        seconds = min(seconds, context.time_remaining() or seconds)
        try:
            return ticket.job.future.result(seconds)
        except (futures.TimeoutError, futures.CancelledError) as error:
            ticket.abandon()
            raise refusals.overdue(seconds) from error

    def _metadata(self, request, context, record):
        for field in request.metadata_field:
            if field != SIGNATURES:
                raise refusals.invalid(
                    f"Metadata field {field[:100]} is not supported"
                )
        served = self._find(request, record)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in served.version.signatures.items():
            signatures.signature_def[name].CopyFrom(signature.definition)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        _set_spec(response.model_spec, served)
        response.metadata[SIGNATURES].Pack(signatures)
        return response

    def _status(self, request, context, record):
        statuses = self._service.repository.statuses(*_target(request))
        response = get_model_status_pb2.GetModelStatusResponse()
        for status in statuses:
            message = response.model_version_status.add(version=status.version)
            message.state = message.State.Value(status.state)
            message.status.error_code = _ERROR_CODES[status.code]
            message.status.error_message = status.message
        return response

    def _find(self, request, record):
        served = self._service.repository.find(*_target(request))
        record.model, record.version = served.model, served.version.number
        return served


def _target(request):
    """Returns the name, the version or None, and the label or None."""
    if not request.HasField("model_spec"):
        raise refusals.invalid("Missing ModelSpec")
    spec = request.model_spec
    choice = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )


def _signature(request, served):
    name = request.model_spec.signature_name or version.DEFAULT
    if name not in served.version.signatures:
        raise Refusal(
            "FAILED_PRECONDITION",
            f'Serving signature key "{name[:100]}" not found.',
        )
    return served.version.signatures[name]


def _output_names(request, signature):
    """Returns the names of the outputs that a request asks for."""
    names = list(request.output_filter)
    for name in names:
        if name not in signature.outputs:
            expected = ",".join(signature.outputs)
            raise refusals.invalid(
                f"output tensor alias not found in signature: {name[:100]} "
                f"Outputs expected to be in the set {{{expected}}}."
            )
        if names.count(name) > 1:
            raise refusals.invalid(f"duplicate output tensor alias: {name}")
    return names or list(signature.outputs)


def _set_spec(spec, served, signature_name=""):
    spec.name, spec.signature_name = served.model, signature_name
    spec.version.value = served.version.number
