"""Hostile bytes on a real connection: malformed, ambiguous, endless and slow requests; the server goes on afterwards."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from fachwerk.engine.server import wire
from live import Serving

HOST = b"Host: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def address(module_sqlite_url: str) -> Iterator[tuple[str, int]]:
    before = wire.HEAD_SECONDS
    wire.HEAD_SECONDS = 1.0
    with Serving(module_sqlite_url) as base:
        host, port = base.removeprefix("http://").split(":")
        yield host, int(port)
    wire.HEAD_SECONDS = before


def send(address: tuple[str, int], *pieces: bytes, quiet: float = 0.4) -> bytes:
    """Send *pieces* and return everything that comes back until the server closes, or is *quiet* seconds silent."""
    with socket.create_connection(address, timeout=8) as connection:
        got = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            connection.settimeout(quiet)
            while chunk := connection.recv(65_536):
                got += chunk
        except (TimeoutError, ConnectionError):
            pass
        return got


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]


def alive(address: tuple[str, int]) -> None:
    assert statuses(send(address, b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", quiet=6)) == [200]


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n", b"GET / HTTP/1.1\r\n" + HOST + b" folded: x\r\n\r\n",
        b"GET \xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", b"G\x00T / HTTP/1.1\r\n" + HOST + b"\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\n", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5x\r\n\r\nhello",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length : 5\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\n\r\n\r\n" + b"\x00" * 10,
    ],
)  # fmt: skip
def test_requests_that_are_no_http(address: tuple[str, int], request_: bytes) -> None:
    answer = send(address, request_)
    assert all(400 <= status < 500 for status in statuses(answer)), answer[:300]
    assert b"Traceback" not in answer
    alive(address)


@pytest.mark.parametrize(
    ("head", "status"),
    [(b"GET /sign-in HTTP/1.1\r\n\r\n", 400), (b"GET /sign-in HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
     (b"GET http://evil.example/sign-in HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400), (b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 404),
     (b"GET //etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 404), (b"GET /static/..%2f..%2fpyproject.toml HTTP/1.1\r\n" + HOST + b"\r\n", 404),
     (b"GET /%00 HTTP/1.1\r\n" + HOST + b"\r\n", 400), (b"GET /%ff%fe HTTP/1.1\r\n" + HOST + b"\r\n", 400),
     (b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n", 400),
     (b"GET /sign-in HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431),
     (b"GET /sign-in HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + b"\r\n", 431),
     (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414), (b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
     (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999999\r\n\r\n", 413),
     (b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n", 0)],
)  # fmt: skip
def test_requests_that_are_refused(address: tuple[str, int], head: bytes, status: int) -> None:
    found = statuses(send(address, head))
    if status:
        assert found == [status]
    alive(address)


def test_a_head_without_end_is_cut_off(address: tuple[str, int]) -> None:
    endless = b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 400_000
    assert statuses(send(address, endless)) in ([431], [])
    alive(address)


def test_a_head_that_dribbles_in_is_not_waited_for(address: tuple[str, int]) -> None:
    assert statuses(send(address, b"GET / HTTP/1.1\r\n", quiet=6)) == [408]
    assert statuses(send(address, quiet=6)) == [408]
    alive(address)


def test_a_second_request_does_not_hide_in_the_first(address: tuple[str, int]) -> None:
    """Request smuggling: what stands behind a refused body is never read as a request."""
    hidden = b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n"
    head = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
    answer = send(address, head + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden)
    assert 200 not in statuses(answer)
    alive(address)
