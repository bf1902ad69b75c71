"""Load test of the server on this machine, with an exported sentiment model.

    python -m benchmarks.serving saved_models/sentiment/1

Prints requests a second and latency for 1, 8 and 32 clients, with and without
batching, in turns; the time of the bare call; failed requests during ten swaps
of the version at full load; memory over 10,000 requests; and the answers to
1,000 hostile requests. `--seconds`, `--rounds`, `--swaps`, `--requests` and
`--hostile` shorten it.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from benchmarks import hostile_requests
from benchmarks import timing

MODEL = "sentiment"
CLIENTS = (1, 8, 32)
WORDS = ["the", "film", "was", "not", "dull", ",", "but", "good", "é", "!"]


class Server:
    """A server in a process of its own."""

    def __init__(self, folder, log, *options):
        argv = ["-m", "common.serving", folder, "--port=0", "--grpc_port=0"]
        with open(log, "wb") as error:
            self._process = subprocess.Popen(
                [sys.executable, *argv, *options], stderr=error
            )
        while not (lines := log.read_text().splitlines()):
            time.sleep(0.1)
        self.port = json.loads(lines[0])["port"]
        while self.get("/readyz") is None:
            time.sleep(0.1)

    def get(self, path):
        """Returns the body of an answer; None if its status is not 200."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with contextlib.suppress(OSError, urllib.error.URLError):
            return urllib.request.urlopen(url, timeout=60).read()
        return None

    def megabytes(self):
        """Returns the memory of the process, as Linux counts it."""
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(x for x in status.splitlines() if x.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def load(self, clients, seconds, bodies):
        """Returns the figures of `http_load`."""
        return timing.of_module(
            "http_load", self.port, MODEL, clients, seconds, bodies
        )

    def close(self):
        """Ends the process."""
        self._process.terminate()
        self._process.wait()


def write_bodies(path, count, longest, seed=0):
    """Writes bodies with one review each."""
    rng = random.Random(seed)
    bodies = []
    for _ in range(count):
        words = rng.choices(WORDS, k=rng.randint(1, longest))
        bodies.append(json.dumps({"instances": [" ".join(words)]}))
    path.write_text(json.dumps(bodies))
    return path


def bare_call(version, bodies):
    """Returns the median time of the signature without a server, in ms."""
    import tensorflow as tf

    serve = tf.saved_model.load(version).signatures["serving_default"]
    texts = [json.loads(b)["instances"] for b in json.loads(bodies.read_text())]
    times = []
    for text in (texts * 20)[:1000]:
        start = time.perf_counter()
        for value in serve(text=tf.constant(text)).values():
            value.numpy()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[100:])


def throughput(servers, seconds, rounds, bodies):
    """Prints a row for each server and number of clients; returns medians."""
    figures = collections.defaultdict(list)
    for server in servers.values():
        server.load(8, seconds, bodies)  # Warms up.
    for _ in range(rounds):
        for clients in CLIENTS:
            for name, server in servers.items():
                measured = server.load(clients, seconds, bodies)
                figures[name, clients].append(measured)
    medians = {}
    print("batching  clients  requests/s  p50 ms  p95 ms  p99 ms  statuses")
    for (name, clients), rows in figures.items():
        keys = ("per_second", "p50", "p95", "p99")
        row = {k: statistics.median(r[k] for r in rows) for k in keys}
        medians[name, clients] = row
        numbers = "  ".join(f"{row[k]:6.1f}" for k in keys[1:])
        print(
            f"{name:8}  {clients:7}  {row['per_second']:10.0f}  {numbers}  "
            f"{rows[-1]['statuses']}"
        )
    return medians


def swaps(server, folder, version, count, bodies):
    """Prints the statuses of requests while versions are replaced."""
    done = threading.Event()
    statuses = collections.Counter()

    def load():
        while not done.is_set():
            statuses.update(server.load(8, 5, bodies)["statuses"])

    loading = threading.Thread(target=load)
    loading.start()
    for number in range(2, 2 + count):
        shutil.copytree(version, folder / f"{number}.partial")
        os.rename(folder / f"{number}.partial", folder / str(number))
        path = f"/v1/models/{MODEL}/versions/{number}"
        while b"AVAILABLE" not in (server.get(path) or b""):
            time.sleep(0.05)
        shutil.rmtree(folder / str(number - 1))
    done.set()
    loading.join()
    print(f"{count} swaps with 8 clients: {dict(statuses)}")


def memory(server, count, bodies):
    """Prints how much the server grows."""
    before, sent = server.megabytes(), 0
    while sent < count:
        sent += sum(server.load(8, 5, bodies)["statuses"].values())
    print(
        f"memory over {sent:,} requests: {before:.0f} MB -> "
        f"{server.megabytes():.0f} MB"
    )


def hostile(server, count):
    """Prints the answers to hostile requests; None is a closed connection."""
    before, statuses = server.megabytes(), collections.Counter()
    for payload in hostile_requests.payloads(MODEL, count):
        statuses[hostile_requests.send(server.port, payload)] += 1
    alive = server.get("/readyz") is not None
    print(
        f"{count} hostile requests: {dict(statuses)}, "
        f"{'still ready' if alive else 'NOT READY'}, {before:.0f} MB -> "
        f"{server.megabytes():.0f} MB"
    )


def main():
    """Runs all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--swaps", type=int, default=10)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--hostile", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run(pathlib.Path(name), options)


def run(root, options):
    """Runs all parts in a temporary folder."""
    folder = root / "models" / MODEL
    shutil.copytree(options.version, folder / "1")
    bodies = write_bodies(root / "bodies.json", 50, 20)
    varied = write_bodies(root / "varied.json", 500, 600)
    servers = {
        "on": Server(folder.parent, root / "on.log"),
        "off": Server(folder.parent, root / "off.log", "--batch_rows=1"),
    }
    try:
        medians = throughput(servers, options.seconds, options.rounds, bodies)
        gain = medians["on", 8]["per_second"] / medians["off", 8]["per_second"]
        print(f"batching at 8 clients: {gain:.2f} x (bar: 2)")
        bare = bare_call(options.version, bodies)
        added = medians["on", 1]["p50"] - bare
        print(f"bare call {bare:.2f} ms; one client {added:+.2f} ms (bar: +1)")
        server = servers["on"]
        memory(server, options.requests, varied)
        hostile(server, options.hostile)
        swaps(server, folder, options.version, options.swaps, bodies)
    finally:
        for server in servers.values():
            server.close()


if __name__ == "__main__":
    main()
