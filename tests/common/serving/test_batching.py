"""Requests that wait run together, and none spoils another."""

import threading
from concurrent import futures

import numpy as np
import pytest

from common.serving import batching
from common.serving.refusals import Refusal


class Doubler:
    """Doubles numbers; refuses negative ones. Waits until it may run."""

    def __init__(self):
        self.may_run, self.started = threading.Event(), threading.Event()
        self.batches, self.cancellations = [], []

    def __call__(self, inputs, cancellation):
        self.cancellations.append(cancellation)
        self.started.set()
        assert self.may_run.wait(30)
        self.batches.append(inputs["x"].tolist())
        if (inputs["x"] < 0).any():
            raise ValueError("negative")
        return {"y": 2 * inputs["x"]}


@pytest.fixture
def pool():
    with futures.ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def stopped(monkeypatch):
    """Returns the cancellations that were used."""
    cancellations = []
    monkeypatch.setattr(
        batching.Cancellation, "cancel", lambda self: cancellations.append(self)
    )
    return cancellations


def job(*values, key=()):
    return batching.Job({"x": np.array(values)}, len(values), key)


def filled(pool, *jobs, batch_rows=64, limit=64):
    """Returns a queue whose first job runs while the others wait."""
    run = Doubler()
    queue = batching.Queue(run, pool, batch_rows=batch_rows, limit=limit)
    first, *rest = jobs
    queue.submit(first)
    assert run.started.wait(30)
    for other in rest:
        queue.submit(other)
    return queue, run


def outputs(job):
    return job.future.result(30)["y"].tolist()


def test_jobs_that_wait_run_together(pool):
    jobs = [job(1), job(2), job(3, 4), job(5)]
    _, run = filled(pool, *jobs)
    run.may_run.set()
    assert [outputs(j) for j in jobs] == [[2], [4], [6, 8], [10]]
    assert run.batches == [[1], [2, 3, 4, 5]]


def test_a_batch_has_at_most_a_number_of_rows(pool):
    jobs = [job(0), job(1, 2), job(3, 4), job(5), job(6, 7, 8, 9)]
    _, run = filled(pool, *jobs, batch_rows=3)
    run.may_run.set()
    assert outputs(jobs[-1]) == [12, 14, 16, 18]
    assert run.batches == [[0], [1, 2], [3, 4, 5], [6, 7, 8, 9]]


@pytest.mark.parametrize("key", [None, (3,)])
def test_jobs_of_another_key_or_none_run_apart(pool, key):
    jobs = [job(0), job(1), job(2, key=key), job(3, key=key), job(4)]
    _, run = filled(pool, *jobs)
    run.may_run.set()
    assert [outputs(j) for j in jobs] == [[0], [2], [4], [6], [8]]
    apart = [[2], [3]] if key is None else [[2, 3]]
    assert run.batches == [[0], [1], *apart, [4]]


def test_a_job_that_fails_does_not_spoil_the_batch(pool):
    jobs = [job(0), job(1), job(-2), job(3)]
    _, run = filled(pool, *jobs)
    run.may_run.set()
    assert outputs(jobs[1]) == [2]
    assert outputs(jobs[3]) == [6]
    with pytest.raises(ValueError, match="negative"):
        outputs(jobs[2])


def test_outputs_that_are_not_a_row_for_each_row_are_never_divided(pool):
    run = Doubler()

    def unique(inputs, cancellation):
        run(inputs, cancellation)
        return {"y": np.unique(inputs["x"])}

    queue = batching.Queue(unique, pool, batch_rows=64, limit=64)
    jobs = [job(0), job(1, 1), job(1, 2)]
    queue.submit(jobs[0])
    assert run.started.wait(30)
    for other in jobs[1:]:
        queue.submit(other)
    run.may_run.set()
    assert [outputs(j) for j in jobs] == [[0], [1], [1, 2]]


def test_too_many_waiting_jobs_are_refused(pool):
    queue, run = filled(pool, job(0), job(1), job(2), limit=2)
    assert len(queue) == 2
    with pytest.raises(Refusal, match="2 requests wait") as caught:
        queue.submit(job(3))
    assert caught.value.http == 429
    run.may_run.set()


def test_an_abandoned_job_that_waits_never_runs(pool):
    jobs = [job(0), job(1), job(2)]
    queue, run = filled(pool, *jobs)
    queue.abandon(jobs[1])
    assert len(queue) == 1
    run.may_run.set()
    assert outputs(jobs[2]) == [4]
    assert run.batches == [[0], [2]]
    assert jobs[1].future.cancelled()


def test_a_run_is_stopped_when_nobody_waits_for_it(pool, stopped):
    jobs = [job(0), job(1), job(2)]
    queue, run = filled(pool, *jobs)
    queue.abandon(jobs[0])
    assert stopped == run.cancellations
    run.may_run.set()
    outputs(jobs[2])
    assert len(run.cancellations) == 2
    assert stopped == run.cancellations[:1]


def test_a_batch_runs_on_for_those_who_still_wait(pool, stopped):
    jobs = [job(0), job(1)]
    batch = batching.Batch(jobs)
    queue = batching.Queue(Doubler(), pool, batch_rows=1, limit=1)
    queue.abandon(jobs[0])
    assert not stopped
    queue.abandon(jobs[1])
    assert stopped == [batch.cancellation]


def test_several_run_at_once_where_that_is_allowed(pool):
    meeting = threading.Barrier(2)

    def meet(inputs, cancellation):
        meeting.wait(30)
        return inputs

    queue = batching.Queue(meet, pool, batch_rows=1, limit=9, parallel=2)
    jobs = [job(0), job(1)]
    for each in jobs:
        queue.submit(each)
    assert [j.future.result(30)["x"].tolist() for j in jobs] == [[0], [1]]
