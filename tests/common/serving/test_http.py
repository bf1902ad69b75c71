"""What is read of HTTP is bounded, and requests cannot be smuggled."""

import itertools
import json
import re
import socket

import pytest

from common.serving import http_protocol

BODY = json.dumps({"instances": ["ab"]}).encode()
POST = b"POST /v1/models/texts:predict HTTP/1.1\r\nHost: a\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture
def connect(client):
    """Returns a function that opens a connection."""
    opened = []

    def connect():
        address = ("127.0.0.1", client.server.port)
        opened.append(socket.create_connection(address, timeout=30))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def statuses(connection, count):
    """Returns the statuses of answers until there are `count`, or the end."""
    received, codes = b"", []
    while len(codes) < count:
        try:
            part = connection.recv(2**16)
        except ConnectionResetError:
            part = b""
        received += part
        codes = [int(s) for s in re.findall(rb"HTTP/1.1 (\d+) ", received)]
        if not part:
            break
    return codes


def is_closed_by(connection, parts):
    """Returns whether the server closes a connection on which all is sent."""
    connection.settimeout(10)
    try:
        for part in parts:
            connection.sendall(part)
        while connection.recv(2**16):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def chunked(head=POST):
    size = f"{len(BODY):x}".encode()
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + BODY


ENDLESS = {
    "request line": b"GET /",
    "name": GET,
    "value": GET + b"x: ",
    "trailer": chunked() + b"\r\n0\r\nx: ",
}


@pytest.mark.parametrize("start", ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_refused(connect, start):
    """And not kept: 64 MB are sent."""
    pieces = itertools.repeat(b"a" * 2**16, 1000)
    assert is_closed_by(connect(), [start, *pieces])


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_too_many_headers_are_refused(connect, end):
    headers = b"a: b\r\n" * (http_protocol.MAX_HEADERS + 1)
    connection = connect()
    connection.sendall(GET + headers + end)
    assert statuses(connection, 2) == [400]
    assert statuses(connection, 1) == []  # It is closed.


def test_large_headers_and_a_large_body_are_read(connect, client):
    body = json.dumps({"instances": ["a" * 2**20]}).encode()
    headers = b"x: " + b"a" * 30_000 + b"\r\n"
    head = POST + headers + b"Content-Length: %d\r\n\r\n" % len(body)
    connection = connect()
    for _ in range(3):
        connection.sendall(head + body)
        assert statuses(connection, 1)[:1] == [200]
        while connection.recv(2**16)[-2:] != b"]}":  # The rest of the answer.
            pass


def test_a_head_in_many_pieces_is_read(connect):
    connection = connect()
    head = POST + b"Content-Length: %d\r\n\r\n" % len(BODY)
    for byte in head + BODY:
        connection.sendall(bytes([byte]))
    assert statuses(connection, 1) == [200]


def test_requests_in_a_row_are_answered_in_order(connect):
    connection = connect()
    wrong = b"GET /v1/models/none HTTP/1.1\r\nHost: a\r\n\r\n"
    post = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    connection.sendall((post + wrong + GET + b"\r\n") * 3)
    assert statuses(connection, 9) == [200, 404, 200] * 3


def test_too_many_requests_in_a_row_are_refused(connect):
    connection = connect()
    connection.sendall((GET + b"\r\n") * 10_000)
    assert len(statuses(connection, 10_000)) < 100


WRONG = {
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunks": POST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "long length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "other encoding": POST + b"Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
    "chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\na\r\n",
    "long chunk size": POST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"f" * 17
    + b"\r\n",
    "chunk end": chunked() + b"x0\r\n\r\n",
    "space before a colon": POST + b"Content-Length : 3\r\n\r\nabc",
    "header of two lines": POST + b"x: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "bare line feed": POST + b"Content-Length: 1\n\r\na",
    "zero byte": POST + b"x: a\0b\r\n\r\n",
    "method": b"FLY / HTTP/1.1\r\nHost: a\r\n\r\n",
    "version": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "no path": b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("request_", WRONG.values(), ids=WRONG)
def test_ambiguous_requests_are_refused(connect, request_):
    connection = connect()
    connection.sendall(request_)
    assert 400 in statuses(connection, 2)
    assert statuses(connection, 1) == []  # It is closed.


def test_a_body_in_chunks_is_read(connect):
    connection = connect()
    connection.sendall(chunked() + b"\r\n0\r\nx: y\r\n\r\n")
    assert statuses(connection, 1) == [200]


@pytest.mark.parametrize("name", [b"h2c", b"websocket"])
def test_an_upgrade_is_ignored(connect, name):
    connection = connect()
    upgrade = b"Connection: Upgrade\r\nUpgrade: " + name + b"\r\n"
    connection.sendall(GET + upgrade + b"\r\n")
    assert statuses(connection, 1) == [200]


def test_a_body_is_asked_for(connect):
    connection = connect()
    length = b"Content-Length: %d\r\n" % len(BODY)
    connection.sendall(POST + length + b"Expect: 100-continue\r\n\r\n")
    assert statuses(connection, 1) == [100]
    connection.sendall(BODY)
    assert statuses(connection, 1) == [200]


def test_a_client_that_leaves_is_no_error(connect, client):
    for _ in range(3):
        connection = connect()
        connection.sendall(POST + b"Content-Length: 9\r\n\r\n{")
        while not client.service.memory.requests:
            pass
        connection.close()
        while client.service.memory.requests:
            pass
    assert client.post("/v1/models/texts:predict", BODY)[0] == 200
