"""The log of the server: a JSON object a line, on standard error."""

import functools
import json
import logging
import time
from typing import Any

LOGGER = logging.getLogger("unroll.serving")
# What the libraries log goes to the same place.
_LIBRARIES = ("uvicorn.error", "grpc")
_ENCODER = json.JSONEncoder(default=str)


def start() -> None:
    """Writes the log to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    for logger in (LOGGER, *map(logging.getLogger, _LIBRARIES)):
        logger.handlers = [handler]
        logger.propagate = False
    LOGGER.setLevel(logging.INFO)


def event(name: str, error: BaseException | None = None, **fields: Any) -> None:
    """Logs an event.

    Args:
      name: Such as "request".
      error: Logged with its traceback.
      **fields: Further values; never inputs or answers.
    """
    level = logging.ERROR if error else logging.INFO
    if not LOGGER.isEnabledFor(level):
        return
    info = (type(error), error, error.__traceback__) if error else None
    # `LOGGER.log` would also look up the calling line, which is not logged.
    LOGGER.handle(
        LOGGER.makeRecord(
            LOGGER.name, level, "", 0, name, (), info, extra={"fields": fields}
        )
    )


class JsonFormatter(logging.Formatter):
    """Formats a record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record as JSON."""
        values = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            values["error"] = str(record.exc_info[1])
            values["traceback"] = self.formatException(record.exc_info)
        return _ENCODER.encode(values)


@functools.lru_cache(1)
def _second(number):
    """Returns a time without its fraction; cached, as many lines share it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(number))
