"""The REST interface of TensorFlow Serving, health and metrics."""

import asyncio
import json
import re
import time
from concurrent import futures

from starlette import types
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from common.serving import json_inputs
from common.serving import json_outputs
from common.serving import page
from common.serving import refusals
from common.serving.limits import Share
from common.serving.predictor import Ticket
from common.serving.refusals import Refusal
from common.serving.service import Record
from common.serving.service import Service
from common.serving.service import refusal_of

_MODEL = r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?"
_POST = re.compile(rf"{_MODEL}:(classify|regress|predict)", re.IGNORECASE)
_GET = re.compile(rf"{_MODEL}(?:/(metadata))?", re.IGNORECASE)
METHODS = ("GET", "POST")
# Bodies above this size are read and written by another thread.
SMALL_BODY = 2**16
MAX_VERSION = 2**63 - 1


def create(service: Service) -> types.ASGIApp:
    """Returns the application."""
    rest = Rest(service)
    routes = Starlette(
        routes=[
            Route("/healthz", rest.healthy),
            Route("/readyz", rest.ready),
            Route("/metrics", rest.metrics),
            *page.routes(service, _error),
            Route("/{path:path}", rest.models, methods=METHODS),
        ]
    )

    async def application(
        scope: types.Scope, receive: types.Receive, send: types.Send
    ) -> None:
        """Answers a request; requests to models bypass the router."""
        if scope["method"] in METHODS and scope["path"].startswith("/v1/"):
            response = await rest.models(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await routes(scope, receive, send)

    return application


class Rest:
    """The handlers of the routes."""

    def __init__(self, service: Service):
        self._service = service
        # Of large bodies; those of small ones take less than a switch.
        self._codecs = futures.ThreadPoolExecutor(2, "codec")

    async def healthy(self, request: Request) -> Response:
        """Answers as long as the process lives."""
        return Response(b"ok\n", media_type="text/plain")

    async def ready(self, request: Request) -> Response:
        """Answers 200 if all models do, and 503 otherwise."""
        ready = self._service.is_ready
        return Response(
            b"ready\n" if ready else b"not ready\n",
            200 if ready else 503,
            media_type="text/plain",
        )

    async def metrics(self, request: Request) -> Response:
        """Returns the measures for Prometheus."""
        try:
            self._authorize(request)
        except Refusal as refusal:
            return _error(refusal)
        return Response(
            self._service.metrics.page(),
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )

    async def models(self, request: Request) -> Response:
        """Answers all that TensorFlow Serving does."""
        record = Record("rest")
        code = "OK"
        try:
            self._authorize(request)
            content = await self._answer(request, record)
            response = Response(content, media_type="application/json")
        except ClientDisconnect:
            code = "CANCELLED"
            response = Response(status_code=499)
        except Exception as error:
            refusal = refusal_of(error)
            code, response = refusal.code, _error(refusal)
        record.stop()
        # After the answer: the client does not wait for the log.
        asyncio.get_running_loop().call_soon(
            record.finish, self._service.metrics, code
        )
        return response

    def _authorize(self, request):
        header = dict(request.scope["headers"]).get(b"authorization", b"")
        self._service.authorize(header.decode("latin-1"))

    async def _answer(self, request, record):
        pattern = _POST if request.method == "POST" else _GET
        path = request.scope["path"]
        match = pattern.fullmatch(path)
        if not match:
            raise refusals.invalid(
                f"Malformed request: {request.method} {path[:200]}"
            )
        *target, method = match.groups()
        target = (target[0], _number(target[1]), target[2])
        record.method = (method or "status").lower()
        if record.method == "predict":
            return await self._predict(request, target, record)
        if record.method == "status":
            return json_outputs.write_statuses(
                self._service.repository.statuses(*target)
            )
        served = self._service.repository.find(*target)
        record.model, record.version = served.model, served.version.number
        if record.method == "metadata":
            return json_outputs.write_metadata(served)
        raise refusals.invalid(
            "Expected classification signature method_name to be "
            f"tensorflow/serving/{record.method}. Was: "
            "tensorflow/serving/predict"
        )

    async def _predict(self, request, target, record):
        """Returns the body of the answer to a predict request."""
        end = time.monotonic() + self._service.options.timeout
        with self._service.memory.held() as share:
            body = await self._body(request, share, end)
            large = len(body) > SMALL_BODY
            values = await self._call(large, json_inputs.parse, body)
            served = self._service.repository.find(*target)
            record.model, record.version = served.model, served.version.number
            signature = served.version.signature(
                values.get("signature_name", "")
            )
            record.signature = signature.name
            inputs = await self._call(
                large, json_inputs.read_inputs, values, signature
            )
            ticket = self._service.predictor.submit(served, signature, inputs)
            record.rows = ticket.job.rows
            outputs = await self._outputs(ticket, end)
            large = sum(v.nbytes for v in outputs.values()) > SMALL_BODY
            return await self._call(
                large,
                json_outputs.write_outputs,
                outputs,
                "instances" in values,
            )

    async def _call(self, in_thread, function, *args):
        if not in_thread:
            return function(*args)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._codecs, function, *args)

    async def _body(self, request, share: Share, end):
        """Returns the body, which must be complete in time."""
        headers = dict(request.scope["headers"])
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise Refusal(
                "UNIMPLEMENTED", "Send the body without Content-Encoding.", 415
            )
        # Refused before it is read.
        length = headers.get(b"content-length", b"0")
        max_bytes = self._service.options.max_bytes
        if length.isdigit() and int(length[:18]) > max_bytes:
            share.add(int(length[:18]))
        parts, more = [], True
        try:
            async with asyncio.timeout(end - time.monotonic()):
                while more:
                    message = await request.receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    share.add(len(message["body"]))
                    parts.append(message["body"])
                    more = message["more_body"]
        except TimeoutError as error:
            raise Refusal(
                "DEADLINE_EXCEEDED", "The body did not arrive in time.", 408
            ) from error
        return b"".join(parts)

    async def _outputs(self, ticket: Ticket, end):
        """Waits for the outputs; stops the run if it takes too long."""
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()

        def settle(in_time):
            if not arrived.done():
                arrived.set_result(in_time)

        # Not wrap_future: a time limit would cancel what the run will set.
        ticket.job.future.add_done_callback(
            lambda _: loop.call_soon_threadsafe(settle, True)
        )
        timer = loop.call_later(end - time.monotonic(), settle, False)
        in_time = await arrived
        timer.cancel()
        if not in_time:
            ticket.abandon()
            raise refusals.overdue(self._service.options.timeout)
        return ticket.job.future.result()


def _number(text):
    if text is None:
        return None
    number = int(text[:20])
    if number > MAX_VERSION:
        raise refusals.invalid(
            f"Failed to convert version: {text[:100]} to numeric."
        )
    return number


def _error(refusal):
    content = json.dumps({"error": str(refusal)}).encode()
    headers = {}
    if refusal.code == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        content, refusal.http, headers, media_type="application/json"
    )
