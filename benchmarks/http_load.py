"""Clients that ask a server as fast as it answers; prints JSON.

    python -m benchmarks.http_load PORT MODEL CLIENTS SECONDS BODIES.json

Connections are kept open. They share one thread and parse no answer: on two
cores, what the clients do is taken from the server. The file holds a list of
bodies, which the clients send in turns.
"""

import asyncio
import itertools
import json
import pathlib
import re
import sys
import time

import numpy as np
import uvloop

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Client(asyncio.Protocol):
    """Sends requests one after the other until a time."""

    def __init__(self, requests, end, times, statuses):
        self._requests, self._end = requests, end
        self._times, self._statuses = times, statuses
        self.finished = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self._transport = transport
        self._send()

    def _send(self):
        self._answer, self._start = b"", time.perf_counter()
        if self._start >= self._end:
            self.finished.set_result(None)
            self._transport.close()
        else:
            self._transport.write(next(self._requests))

    def data_received(self, data):
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if end and len(body) == int(_LENGTH.search(head)[1]):
            self._times.append(time.perf_counter() - self._start)
            status = int(head[9:12])
            self._statuses[status] = self._statuses.get(status, 0) + 1
            self._send()

    def connection_lost(self, error):
        if not self.finished.done():
            self.finished.set_exception(error or EOFError())


async def _ask(port, *args):
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(
        lambda: _Client(*args), "127.0.0.1", port
    )
    await client.finished


async def measure(port, model, clients, seconds, bodies):
    """Returns requests a second, percentiles in milliseconds, and statuses."""
    requests = itertools.cycle(
        f"POST /v1/models/{model}:predict HTTP/1.1\r\nHost: a\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()
        for body in bodies
    )
    times: list[float] = []
    statuses: dict[int, int] = {}
    start = time.perf_counter()
    await asyncio.gather(
        *(
            _ask(port, requests, start + seconds, times, statuses)
            for _ in range(clients)
        )
    )
    p50, p95, p99 = np.percentile(np.array(times) * 1000, [50, 95, 99])
    return {
        "per_second": len(times) / (time.perf_counter() - start),
        "p50": p50,
        "p95": p95,
        "p99": p99,
        "statuses": statuses,
    }


def main(port, model, clients, seconds, bodies):
    """Prints the figures."""
    bodies = json.loads(pathlib.Path(bodies).read_text())
    figures = measure(int(port), model, int(clients), float(seconds), bodies)
    print(json.dumps(uvloop.run(figures)))


if __name__ == "__main__":
    main(*sys.argv[1:])
