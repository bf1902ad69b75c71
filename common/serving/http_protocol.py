"""Reads HTTP with httptools, with bounds on the memory of a connection."""

from uvicorn.protocols.http import httptools_impl

# Bytes of a head or of trailers; a larger one passes if it arrives at once,
# together with its end.
MAX_HEAD = 2**16
MAX_HEADERS = 100  # Short headers take much more memory than their bytes.
MAX_PIPELINED = 16  # Requests that a client sends before their answers.


# Not public; tests/common/serving/test_http.py fails if it changes.
class BoundedProtocol(httptools_impl.HttpToolsProtocol):
    """A connection, which is closed if it exceeds a bound.

    httptools parses in C and has no bounds; h11 has them and parses in Python.
    """

    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Parses the next bytes."""
        self._head_bytes += len(data)
        super().data_received(data)
        if (
            self._head_bytes
            and (self._head_bytes > MAX_HEAD or self._has_many_headers())
            and not self.transport.is_closing()
        ):
            self.send_400_response("The headers are too large.")

    def _has_many_headers(self):
        return len(self.headers or ()) > MAX_HEADERS

    def on_headers_complete(self) -> None:
        """Starts to answer a request, or refuses it with 400."""
        if self._has_many_headers():
            raise ValueError("Too many headers.")
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("Too many requests before an answer.")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Adds a part of a body."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Ends the body."""
        self._head_bytes = 0
        super().on_message_complete()
