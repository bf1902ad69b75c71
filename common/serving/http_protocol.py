"""Reads HTTP with httptools, and bounds what it would keep without end."""

from uvicorn.protocols.http import httptools_impl

# Bytes that may arrive without a part of a body or the end of a request: of a
# head, of trailers. What arrives together with such an end counts as nothing.
MAX_HEAD = 2**16
# A header of few bytes takes many times as many.
MAX_HEADERS = 100
# A client that sends requests before the answers come.
MAX_PIPELINED = 16


# Not public; tests/common/serving/test_http.py fails if it changes.
class BoundedProtocol(httptools_impl.HttpToolsProtocol):
    """A connection; one that exceeds a bound is closed.

    httptools takes a fourth of the time of h11 for a request, but bounds none
    of this.
    """

    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Reads what has arrived."""
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
        """Begins to answer a request; one that is refused gets a 400."""
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
