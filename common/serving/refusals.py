"""Refused requests: a code of gRPC, a status of HTTP, and a sentence."""

# As TensorFlow Serving maps the one to the other.
HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class Refusal(Exception):
    """A request that is not answered; its text goes to the client.

    Attributes:
      code: Name of a status code of gRPC.
      http: Status code of HTTP.
    """

    def __init__(self, code: str, message: str, http: int | None = None):
        super().__init__(message)
        self.code, self.http = code, http or HTTP[code]


def invalid(message: str) -> Refusal:
    """Returns the refusal of inputs that are wrong."""
    return Refusal("INVALID_ARGUMENT", message)


def not_found(message: str) -> Refusal:
    """Returns the refusal of a model or version that is not served."""
    return Refusal("NOT_FOUND", message)


def too_large(message: str) -> Refusal:
    """Returns the refusal of a request above a limit."""
    return Refusal("RESOURCE_EXHAUSTED", message, 413)


def busy(message: str) -> Refusal:
    """Returns the refusal of a request for which no place is left."""
    return Refusal("RESOURCE_EXHAUSTED", message)


def overdue(seconds: float) -> Refusal:
    """Returns the refusal of a request that takes too long."""
    return Refusal(
        "DEADLINE_EXCEEDED",
        f"No answer within {seconds:g} seconds: send fewer or shorter inputs, "
        "or try again later.",
    )
