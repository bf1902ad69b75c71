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
import sys
import time

import numpy as np
import uvloop


async def _ask(reader, writer, request):
    """Sends a request, and returns the status of the answer."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line[15:])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return int(head[9:12])


async def _client(port, requests, end, times, statuses):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (start := time.perf_counter()) < end:
        status = await _ask(reader, writer, next(requests))
        times.append(time.perf_counter() - start)
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


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
            _client(port, requests, start + seconds, times, statuses)
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
