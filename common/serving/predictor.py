"""From checked inputs to a job in the queue of a signature."""

import dataclasses
import os
import pathlib
from concurrent import futures

from common.serving import limits
from common.serving.batching import Job
from common.serving.batching import Queue
from common.serving.metrics import Metrics
from common.serving.options import Options
from common.serving.signature import Arrays
from common.serving.signature import Signature
from common.serving.version import Version


@dataclasses.dataclass(frozen=True)
class Served:
    """A version that answers.

    Attributes:
      model: Name of the model.
      version: The loaded version.
      queues: The queue of each signature by its name.
    """

    model: str
    version: Version
    queues: dict[str, Queue]


@dataclasses.dataclass(frozen=True)
class Ticket:
    """A job in its queue."""

    job: Job
    queue: Queue

    def abandon(self) -> None:
        """Drops the job, or stops its run."""
        self.queue.abandon(self.job)


class Predictor:
    """Loads versions and runs their signatures on a pool of threads.

    Attributes:
      threads: Their number.
      pool: The threads.
    """

    def __init__(self, options: Options, metrics: Metrics):
        self._options, self._metrics = options, metrics
        self.threads = max(2, os.cpu_count() or 1)
        self.pool = futures.ThreadPoolExecutor(self.threads, "predict")

    def load(self, model: str, path: pathlib.Path) -> Served:
        """Returns a version with its queues.

        Raises:
          Exception: See `Version`.
        """
        version = Version(path)
        served = Served(
            model,
            version,
            {
                name: self._queue(model, version.number, signature)
                for name, signature in version.signatures.items()
            },
        )
        self._metrics.watch_queues(
            model, version.number, list(served.queues.values())
        )
        return served

    def _queue(self, model, number, signature):
        return Queue(
            signature.run,
            self.pool,
            batch_rows=self._options.batch_rows,
            limit=self._options.max_queue,
            # Batches fill up while another one runs.
            parallel=1 if self._batches(signature) else self.threads,
            on_batch=self._metrics.batch_observer(model, number),
        )

    def _batches(self, signature):
        return signature.batches and self._options.batch_rows > 1

    def submit(
        self, served: Served, signature: Signature, inputs: Arrays
    ) -> Ticket:
        """Adds a request to the queue of its signature.

        Raises:
          Refusal: The inputs are wrong or cost too much, or the queue is full.
        """
        inputs = signature.complete(inputs)
        limits.check_cost(signature, inputs, self._options)
        key = None
        if self._batches(signature):
            key = signature.batch_key(inputs)
        job = Job(inputs, signature.rows(inputs), key)
        queue = served.queues[signature.name]
        queue.submit(job)
        return Ticket(job, queue)

    def close(self) -> None:
        """Waits for the runs in progress."""
        self.pool.shutdown(cancel_futures=True)
