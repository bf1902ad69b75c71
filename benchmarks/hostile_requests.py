"""Requests that no honest client sends, from a seed."""

import contextlib
import json
import random
import socket


def payloads(model, count, seed=0):
    """Yields the bytes of `count` requests."""
    rng = random.Random(seed)
    for _ in range(count):
        yield rng.choice(KINDS)(rng, model)


def send(port, payload):
    """Sends bytes; returns the status of the answer, or None without one."""
    with contextlib.suppress(OSError):
        with socket.create_connection(("127.0.0.1", port), 60) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(payload)
                connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(64)
        if answer.startswith(b"HTTP/1.1 "):
            return int(answer[9:12])
    return None


def _post(model, body, path="", headers=""):
    body = body if isinstance(body, bytes) else body.encode()
    path = path or f"/v1/models/{model}:predict"
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _noise(rng, model):
    return rng.randbytes(rng.randint(1, 2000))


def _noise_as_body(rng, model):
    return _post(model, rng.randbytes(rng.randint(0, 2000)))


def _cut(rng, model):
    body = json.dumps({"instances": ["a" * 50] * 5})
    return _post(model, body[: rng.randrange(len(body))])


def _nested(rng, model):
    depth = rng.choice([10, 900, 1100, 100_000])
    return _post(model, '{"instances": ' + "[" * depth + "]" * depth + "}")


def _digits(rng, model):
    digits = "9" * rng.choice([20, 400, 5000])
    return _post(model, f'{{"instances": [{digits}]}}')


def _types(rng, model):
    values = [None, True, -1, 1e308, {}, {"b64": "?"}, {"b64": 1}, [[]], [{}]]
    instances = rng.choices(values, k=rng.randint(0, 4))
    key = rng.choice(["instances", "inputs", "examples"])
    return _post(model, json.dumps({key: instances}))


def _names(rng, model):
    name = rng.choice(["__class__", "../..", "%00", "a" * 10_000, "\u202e"])
    body = {"signature_name": name, "instances": [{name: 1}]}
    return _post(model, json.dumps(body))


def _paths(rng, model):
    place = rng.choice(
        [
            "/v1/models/../../etc/passwd:predict",
            f"/v1/models/{model}/versions/{'9' * 50}:predict",
            f"/v1/models/{model}/labels/%2e%2e%2f:predict",
            "/v1/models/" + "a" * 5000 + ":predict",
            "/%ff%fe",
        ]
    )
    return _post(model, "{}", place)


def _rows(rng, model):
    return _post(model, json.dumps({"instances": [""] * 100_000}))


def _large(rng, model):
    return _post(model, b" " * (17 * 2**20))


def _headers(rng, model):
    headers = rng.choice(
        [
            "x: " + "a" * 100_000 + "\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Encoding: gzip\r\n",
            "Expect: 200-maybe\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\n",
        ]
    )
    return _post(model, "{", headers=headers)


KINDS = (
    _noise,
    _noise_as_body,
    _cut,
    _nested,
    _digits,
    _types,
    _names,
    _paths,
    _rows,
    _large,
    _headers,
)
