"""
The HTTP exchange: one request and the first line of its answer, over TLS, within ten seconds.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, TypeAlias

from ._errors import WebhookError


SECONDS: Final = 10.0
"""The time for connecting, sending and the answer together."""
MOST: Final = 64 * 1024
"""The most bytes of an answer that are read."""

Connect: TypeAlias = Callable[[tuple[str, int], float], socket.socket]
"""Connects to an address and port within a number of seconds."""
_Left: TypeAlias = Callable[[], float]

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?")


def exchange(
    host: str, addresses: Sequence[str], port: int, request: bytes, *, connect: Connect, context: ssl.SSLContext
) -> int:
    """
    Send a request to the first of the addresses that can be connected to, and return the status of the answer.

    The certificate has to be valid for *host*. Nothing after the status is read.

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


def _answered(host: str, secured: ssl.SSLSocket, left: _Left) -> int:
    """
    Return the status as soon as its line has arrived; informational answers may come before it.

    Every byte is looked at once, however small the pieces are in which they arrive.
    """
    answer = bytearray()
    begin, looked, of_status = 0, 0, True  # where the present line begins; up to where its end was looked for
    while len(answer) < MOST:
        secured.settimeout(left())
        part = secured.recv(4096)
        if not part:
            break
        answer += part
        while (end := answer.find(b"\r\n", looked)) >= 0:
            line = bytes(answer[begin:end])
            begin = looked = end + 2
            if of_status:
                status = _status(host, line)
                if status >= 200:
                    return status
            of_status = not line  # an empty line ends an informational answer
        looked = max(begin, len(answer) - 1)
    raise WebhookError(host, f"its answer has no status in {len(answer)} bytes.", "Look at what is listening there.")


def _status(host: str, line: bytes) -> int:
    found = _STATUS.fullmatch(line)
    if found is None:
        raise WebhookError(host, "it does not answer in HTTP/1.1.", "Look at what is listening there.")
    return int(found[1])
