"""Runs the requests of one signature; those that wait run together."""

import collections
import threading
from collections.abc import Callable
from concurrent import futures

import numpy as np

from common.serving import refusals
from common.serving.cancellation import Cancellation
from common.serving.signature import Arrays


class Job:
    """A request that waits or runs.

    Attributes:
      inputs: Arrays by name.
      rows: The length of their first axis.
      key: Equal for jobs that can run together; None for one that runs alone.
      future: Gets the outputs, or an error.
      abandoned: Whether nobody waits for the outputs any more.
      batch: With which it runs; None while it waits.
    """

    def __init__(self, inputs: Arrays, rows: int, key: tuple | None):
        self.inputs, self.rows, self.key = inputs, rows, key
        self.future: futures.Future = futures.Future()
        self.abandoned = False
        self.batch: Batch | None = None


class Batch:
    """Jobs that run together."""

    def __init__(self, jobs: list[Job]):
        self.jobs = jobs
        self.cancellation = Cancellation()
        for job in jobs:
            job.batch = self

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for any of the jobs."""
        return all(job.abandoned for job in self.jobs)


class Queue:
    """The jobs of one signature, in the order of their arrival.

    While some run, others gather; those that fit together run next. So there
    are batches under load, and a lone request never waits for company.

    Args:
      run: Returns the outputs for inputs; its second argument stops it.
      pool: Runs it; shared by all signatures, whose turns alternate.
      batch_rows: Most rows of jobs that run together.
      limit: Most jobs that wait.
      parallel: Runs at the same time.
      on_batch: Called with the number of rows of each run.
    """

    def __init__(
        self,
        run: Callable[[Arrays, Cancellation], Arrays],
        pool: futures.Executor,
        *,
        batch_rows: int,
        limit: int,
        parallel: int = 1,
        on_batch: Callable[[int], None] = lambda rows: None,
    ):
        self._run, self._pool = run, pool
        self._batch_rows, self._limit = batch_rows, limit
        self._parallel, self._on_batch = parallel, on_batch
        self._jobs: collections.deque[Job] = collections.deque()
        self._running = 0
        self._lock = threading.Lock()

    def __len__(self):
        """Returns the number of jobs that wait."""
        return len(self._jobs)

    def submit(self, job: Job) -> None:
        """Adds a job; its future gets the outputs.

        Raises:
          Refusal: Too many jobs wait.
        """
        with self._lock:
            if len(self._jobs) >= self._limit:
                raise refusals.busy(
                    f"{self._limit} requests wait already: try again later."
                )
            self._jobs.append(job)
            if self._running < self._parallel:
                self._running += 1
                self._pool.submit(self._run_next)

    def abandon(self, job: Job) -> None:
        """Drops a job, or stops its run if nobody waits for that any more."""
        with self._lock:
            if job.abandoned or job.future.done():
                return
            job.abandoned = True
            if job.batch is None:
                self._jobs.remove(job)
                job.future.cancel()
            elif job.batch.abandoned:
                job.batch.cancellation.cancel()

    def _run_next(self):
        """Runs the next batch, and lets other signatures have their turn."""
        with self._lock:
            batch = Batch(self._take())
        if batch.jobs:
            self._on_batch(sum(job.rows for job in batch.jobs))
            _finish(batch, self._run)
        with self._lock:
            if self._jobs:
                self._pool.submit(self._run_next)
            else:
                self._running -= 1

    def _take(self):
        """Removes and returns the first jobs that fit together."""
        jobs, rows = [], 0
        while self._jobs:
            job = self._jobs[0]
            if jobs and (
                job.key is None
                or job.key != jobs[0].key
                or rows + job.rows > self._batch_rows
            ):
                break
            jobs.append(self._jobs.popleft())
            rows += job.rows
        return jobs


def _finish(batch, run):
    """Runs a batch, and gives each job its rows or an error."""
    jobs = batch.jobs
    try:
        if len(jobs) == 1:
            answers = [run(jobs[0].inputs, batch.cancellation)]
        else:
            answers = _run_together(jobs, batch.cancellation, run)
    except BaseException as error:
        for job in jobs:
            if len(jobs) == 1 or job.abandoned:
                job.future.set_exception(error)
            else:  # One of them must not spoil the rest.
                _finish(Batch([job]), run)
        return
    for job, answer in zip(jobs, answers):
        job.future.set_result(answer)


def _run_together(jobs, cancellation, run):
    """Returns the outputs of each job from one run of all."""
    inputs = {
        name: np.concatenate([job.inputs[name] for job in jobs])
        for name in jobs[0].inputs
    }
    outputs = run(inputs, cancellation)
    ends = np.cumsum([job.rows for job in jobs])
    for name, value in outputs.items():
        if len(value) != ends[-1]:
            raise ValueError(
                f"Output {name!r} has {len(value)} rows for {ends[-1]}."
            )
    return [
        {name: value[end - job.rows : end] for name, value in outputs.items()}
        for job, end in zip(jobs, ends)
    ]
