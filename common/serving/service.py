"""What REST and gRPC share: the models, their requests, and who may ask."""

import dataclasses
import hmac
import pathlib
import time

from common.errors import UserError
from common.serving import logs
from common.serving.limits import Memory
from common.serving.metrics import Metrics
from common.serving.options import Options
from common.serving.predictor import Predictor
from common.serving.refusals import Refusal
from common.serving.repository import Repository


class Service:
    """The parts of a server that do not depend on a protocol.

    Args:
      options: Limits and places.
      only: The name of the only model to serve; all if empty.

    Attributes:
      stopping: Whether the server ends: it is not ready any more.
    """

    def __init__(self, options: Options, only: str = ""):
        self.options = options
        self.metrics = Metrics()
        self.predictor = Predictor(options, self.metrics)
        self.repository = Repository(
            pathlib.Path(options.saved_models),
            self.predictor.load,
            self._on_event,
            only,
        )
        self.memory = Memory(options.max_bytes)
        self.stopping = False
        self._token = _read_token(options.token_file)

    def _on_event(self, event, model, version, error=None):
        self.metrics.version_event(event, model, version)
        logs.event(f"version_{event}", error, model=model, version=version)

    @property
    def is_ready(self) -> bool:
        """Whether all models answer, and will do so for now."""
        return self.repository.is_ready and not self.stopping

    def authorize(self, header: str) -> None:
        """Raises a refusal unless a header "Authorization" has the token."""
        if not self._token:
            return
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            token.strip().encode(errors="replace"), self._token
        ):
            raise Refusal(
                "UNAUTHENTICATED",
                "Send the header Authorization: Bearer TOKEN.",
            )


@dataclasses.dataclass
class Record:
    """What is measured and logged of a request.

    Attributes:
      protocol: "rest" or "grpc".
      method: Such as "predict".
      model: Its name; empty if it does not exist.
      version: The same.
      signature: The same.
      rows: Their number.
    """

    protocol: str
    method: str = ""
    model: str = ""
    version: int | str = ""
    signature: str = ""
    rows: int = 0
    start: float = dataclasses.field(default_factory=time.perf_counter)
    end: float = 0.0

    def stop(self) -> None:
        """Ends the measured time."""
        self.end = time.perf_counter()

    def finish(self, metrics: Metrics, code: str = "OK") -> None:
        """Logs and counts the request."""
        seconds = self.end - self.start
        metrics.observe(self.model, self.version, self.protocol, seconds, code)
        logs.event(
            "request",
            protocol=self.protocol,
            method=self.method,
            model=self.model,
            version=self.version,
            signature=self.signature,
            rows=self.rows,
            code=code,
            ms=round(1000 * seconds, 2),
        )


def refusal_of(error: BaseException) -> Refusal:
    """Returns the refusal for an error; logs one that nobody expected.

    Its text says nothing of the server.
    """
    if isinstance(error, Refusal):
        return error
    logs.event("error", error)
    return Refusal(
        "INTERNAL", "Internal error; the log of the server has more."
    )


def _read_token(name):
    """Returns the token in a file; empty without one."""
    if not name:
        return b""
    path = pathlib.Path(name)
    token = path.read_bytes().strip()
    if not token:
        raise UserError(f"--token_file={name} is empty: write a token to it.")
    return token
