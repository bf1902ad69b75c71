"""Starts and stops what listens."""

import socket
import threading

import uvicorn

from common.errors import UserError
from common.serving import grpc_service
from common.serving import http_protocol
from common.serving import logs
from common.serving import rest
from common.serving.service import Service

MAX_CONNECTIONS = 1024
POLL_SECONDS = 1.0
STOP_SECONDS = 1.0  # For what is left after the time limit of requests.


class Server:
    """Listens for HTTP and gRPC, and looks for new versions.

    Args:
      service: Answers the requests.

    Attributes:
      port: Of HTTP.
      grpc_port: Of gRPC; None if it is off.
    """

    def __init__(self, service: Service):
        self._service = service
        options = service.options
        self._socket = _listening_socket(options.host, options.port)
        self.port: int = self._socket.getsockname()[1]
        self._http = uvicorn.Server(
            uvicorn.Config(
                rest.create(service),
                http=http_protocol.BoundedProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=int(options.timeout + STOP_SECONDS),
            )
        )
        self._http_thread = threading.Thread(
            target=self._http.run, args=([self._socket],), daemon=True
        )
        self._grpc = None
        if options.grpc:
            self._grpc = grpc_service.GrpcServer(
                service, options.host, options.grpc_port
            )
        self.grpc_port = self._grpc.port if self._grpc else None
        self._stopping = threading.Event()
        self._poll_thread = threading.Thread(target=self._poll, daemon=True)

    def start(self) -> None:
        """Begins to listen, then to load the models."""
        self._http_thread.start()
        if self._grpc:
            self._grpc.start()
        self._poll_thread.start()

    def _poll(self):
        while True:
            try:
                self._service.repository.poll()
            except Exception as error:  # Such as a folder without permission.
                logs.event("poll_failed", error)
            if self._stopping.wait(POLL_SECONDS):
                return

    @property
    def is_alive(self) -> bool:
        """Whether all threads run."""
        return self._http_thread.is_alive() and self._poll_thread.is_alive()

    def stop(self) -> None:
        """Answers the requests that have arrived, and no others."""
        self._service.stopping = True
        self._stopping.set()
        self._http.should_exit = True
        if self._grpc:
            self._grpc.stop()
        self._http_thread.join()
        self._poll_thread.join(STOP_SECONDS)  # It may be loading a version.
        self._service.predictor.close()


def _listening_socket(host, port):
    """Returns a socket that listens.

    Its protocol is given: otherwise asyncio does not turn off the delay of
    small packets, and each answer takes 40 ms more.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(MAX_CONNECTIONS)
    except OSError as error:
        raise UserError(
            f"Cannot listen on {host}:{port} ({error.strerror}): choose "
            "another --host or --port."
        ) from error
    return listening
