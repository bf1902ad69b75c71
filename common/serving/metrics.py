"""What Prometheus reads: latency, batches, queues, errors."""

import functools
from collections.abc import Callable
from collections.abc import Sequence

import prometheus_client

from common.serving.batching import Queue

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
LABELS = ("model", "version")


class Metrics:
    """The measures of one server, by model and version.

    Requests to models that do not exist have empty labels: clients must not
    be able to add labels.
    """

    def __init__(self):
        self._registry = prometheus_client.CollectorRegistry()
        self._seconds = prometheus_client.Histogram(
            "unroll_request_seconds",
            "Time from the arrival of a request to its answer.",
            (*LABELS, "protocol"),
            buckets=SECONDS,
            registry=self._registry,
        )
        # Few: clients cannot add labels.
        self._seconds_of = functools.cache(self._seconds.labels)
        self._errors = prometheus_client.Counter(
            "unroll_request_errors",
            "Requests that were refused or failed.",
            (*LABELS, "protocol", "code"),
            registry=self._registry,
        )
        self._rows = prometheus_client.Histogram(
            "unroll_batch_rows",
            "Rows that were answered together.",
            LABELS,
            buckets=ROWS,
            registry=self._registry,
        )
        self._waiting = prometheus_client.Gauge(
            "unroll_queue_requests",
            "Requests that wait.",
            LABELS,
            registry=self._registry,
        )
        self._failures = prometheus_client.Counter(
            "unroll_load_failures",
            "Versions that could not be loaded.",
            ("model",),
            registry=self._registry,
        )

    def observe(
        self,
        model: str,
        version: int | str,
        protocol: str,
        seconds: float,
        code: str = "OK",
    ) -> None:
        """Counts a request.

        Args:
          model: Its name; empty if it does not exist.
          version: The same.
          protocol: "rest" or "grpc".
          seconds: From arrival to answer.
          code: Name of a status code of gRPC.
        """
        self._seconds_of(model, version, protocol).observe(seconds)
        if code != "OK":
            self._errors.labels(model, version, protocol, code).inc()

    def batch_observer(self, model: str, version: int) -> Callable[[int], None]:
        """Returns a function that counts a batch of some rows."""
        return self._rows.labels(model, version).observe

    def watch_queues(
        self, model: str, version: int, queues: Sequence[Queue]
    ) -> None:
        """Measures the queues of a version when metrics are read."""
        self._waiting.labels(model, version).set_function(
            lambda: sum(map(len, queues))
        )

    def version_event(
        self, event: str, model: str, version: int | None
    ) -> None:
        """Counts a failure to load; forgets the queues of what is unloaded."""
        if event == "failed":
            self._failures.labels(model).inc()
        if event == "unloaded":
            self._waiting.remove(model, version)

    def page(self) -> bytes:
        """Returns the measures in the text format of Prometheus."""
        return prometheus_client.generate_latest(self._registry)
