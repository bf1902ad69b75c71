"""Limits on what one request, and all at once, may cost."""

import contextlib
import threading
from collections.abc import Iterator

from common.serving import refusals
from common.serving.options import Options
from common.serving.signature import Arrays
from common.serving.signature import Signature

# An integer input of this name is no amount of work.
SEED = "seed"
# Largest requests that fit in memory at the same time.
LARGEST_AT_ONCE = 4


def check_cost(signature: Signature, inputs: Arrays, options: Options) -> None:
    """Raises a refusal for too many rows, or too high a length or count.

    Args:
      signature: Of the request.
      inputs: As `Signature.complete` returns them.
      options: The limits.
    """
    rows = signature.rows(inputs)
    if rows > options.max_rows:
        raise refusals.too_large(
            f"The request has {rows} rows; at most {options.max_rows} are "
            "allowed: divide it."
        )
    for name, value in inputs.items():
        is_amount = value.dtype.kind in "iu" and not value.ndim and name != SEED
        if is_amount and value > options.max_count:
            raise refusals.too_large(
                f"Input {name!r} is {value}; at most {options.max_count} is "
                "allowed."
            )


class Memory:
    """The bytes of all requests that are being answered.

    Args:
      max_bytes: Those of the largest request.

    Attributes:
      requests: Their number.
    """

    def __init__(self, max_bytes: int):
        self._max_bytes, self._free = max_bytes, LARGEST_AT_ONCE * max_bytes
        self.requests = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def held(self) -> Iterator["Share"]:
        """Returns the share of a request, and frees it afterwards."""
        share = Share(self)
        with self._lock:
            self.requests += 1
        try:
            yield share
        finally:
            with self._lock:
                self.requests -= 1
                self._free += share.size

    def _take(self, size):
        with self._lock:
            if size > self._free:
                raise refusals.busy(
                    "Too many large requests at once: try again later."
                )
            self._free -= size

    def _add(self, share, size):
        if share.size + size > self._max_bytes:
            raise refusals.too_large(
                f"The request is larger than {self._max_bytes} bytes."
            )
        self._take(size)
        share.size += size


class Share:
    """The bytes of one request.

    Attributes:
      size: Their number.
    """

    def __init__(self, memory: Memory):
        self._memory, self.size = memory, 0

    def add(self, size: int) -> None:
        """Counts more bytes.

        Raises:
          Refusal: The request, or all at once, are too large.
        """
        self._memory._add(self, size)
