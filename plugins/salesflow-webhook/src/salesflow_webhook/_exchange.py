"""
The HTTP exchange: one request and the head of its answer, over TLS, within ten seconds.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final, NamedTuple, TypeAlias

from salesflow.errors import in_two_languages

from ._errors import WebhookError


SECONDS: Final = 10.0
"""The time for connecting, sending and the answer together."""
MOST: Final = 64 * 1024
"""The most bytes of an answer that are read."""

Connect: TypeAlias = Callable[[tuple[str, int], float], socket.socket]
"""Connects to an address and port within a number of seconds."""
_Left: TypeAlias = Callable[[], float]

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?")


class Reply(NamedTuple):
    """
    What a receiver answered.

    Attributes:
        status: of HTTP, at least 200.
        retry_after: the header of that name, of an answer that is no success; empty if there is none.
    """

    status: int
    retry_after: str = ""


def exchange(
    host: str, addresses: Sequence[str], port: int, request: bytes, *, connect: Connect, context: ssl.SSLContext
) -> Reply:
    """
    Send a request to the first of the addresses that can be connected to, and return the answer.

    The certificate has to be valid for *host*. Of a success nothing after the status is read.

    Raises:
        OSError: no address can be connected to, the certificate is not valid, or it takes too long.
        WebhookError: the answer is not HTTP/1.1.
    """
    until = monotonic() + SECONDS

    def left() -> float:
        seconds = until - monotonic()
        if seconds <= 0:
            raise TimeoutError(f"it took more than {SECONDS:g} s")
        return seconds

    # The TLS socket takes over the plain socket; the plain socket is closed if TLS cannot be set up.
    with _connected(addresses, port, connect, left) as plain:
        plain.settimeout(left())
        with context.wrap_socket(plain, server_hostname=host) as secured:
            _send(secured, request, left)
            return _answered(host, secured, left)


def _connected(addresses: Sequence[str], port: int, connect: Connect, left: _Left) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return connect((address, port), left())
        except OSError:
            continue  # the next address may be reached
    return connect((addresses[-1], port), left())


def _send(secured: ssl.SSLSocket, request: bytes, left: _Left) -> None:
    rest = memoryview(request)
    while rest:
        secured.settimeout(left())
        rest = rest[secured.send(rest) :]


def _answered(host: str, secured: ssl.SSLSocket, left: _Left) -> Reply:
    """
    Return the answer as soon as its status has arrived, or else its headers; informational answers may come before it.
    """
    answer = bytearray()
    lines = _lines(secured, left, answer)
    for line in lines:
        status = _status(host, line)
        if status >= 200:
            return Reply(status, "" if status < 300 else _retry_after(lines))
        for header in lines:
            if not header:  # it ends the informational answer
                break
    raise WebhookError(
        host,
        in_two_languages(
            f"its answer has no status in {len(answer)} bytes.", f"其应答的 {len(answer)} 字节中没有状态码。"
        ),
        in_two_languages("Look at what is listening there.", "请检查该处运行的是什么服务。"),
    )


def _lines(secured: ssl.SSLSocket, left: _Left, answer: bytearray) -> Iterator[bytes]:
    """
    Yield the lines as they arrive, which are kept in *answer*.

    Every byte is looked at once, however small the pieces are in which they arrive.
    """
    begin = looked = 0  # where the present line begins; up to where its end was looked for
    while len(answer) < MOST:
        secured.settimeout(left())
        part = secured.recv(4096)
        if not part:
            return
        answer += part
        while (end := answer.find(b"\r\n", looked)) >= 0:
            yield bytes(answer[begin:end])
            begin = looked = end + 2
        looked = max(begin, len(answer) - 1)


def _retry_after(lines: Iterator[bytes]) -> str:
    with suppress(OSError):  # the status has arrived, and is the answer
        for line in lines:
            name, _, value = line.partition(b":")
            if name.lower() == b"retry-after":
                return value.decode("latin-1").strip()
            if not line:
                break
    return ""


def _status(host: str, line: bytes) -> int:
    found = _STATUS.fullmatch(line)
    if found is None:
        raise WebhookError(
            host,
            in_two_languages("it does not answer in HTTP/1.1.", "其应答不是 HTTP/1.1。"),
            in_two_languages("Look at what is listening there.", "请检查该处运行的是什么服务。"),
        )
    return int(found[1])
