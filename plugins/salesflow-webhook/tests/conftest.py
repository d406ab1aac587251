"""
A receiver on this machine, over real TLS, whose answers a test sets.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from salesflow_webhook import Webhook, new_secret


PEM = Path(__file__).parents[1] / "examples" / "receiver.pem"


@attrs.define
class Receiver:
    """
    What was received, and what is answered; with the secret, and the time that it is.
    """

    port: int
    secret: str
    now: datetime = datetime(2026, 3, 6, 9, tzinfo=UTC)
    requests: list[tuple[str, dict[str, str], bytes]] = attrs.Factory(list)
    connected: list[tuple[str, int]] = attrs.Factory(list)
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"

    def connect(self, address, _seconds):
        """
        Connect to this receiver, whichever address is wanted, and keep the address.
        """
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.port))

    def webhook(self, **changed):
        """
        Return a webhook to this receiver, whose public address the resolver makes up.
        """
        given = {
            "url": "https://receiver.test/sales?of=today",
            "secrets": self.secret,
            "context": ssl.create_default_context(cafile=str(PEM)),
            "clock": lambda: self.now,
            "resolve": lambda host, port: ["93.184.216.34"],
            "connect": self.connect,
        }
        return Webhook(**given | changed)


def _serve(listening, secured, receiver):
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        # A sender that breaks off is what some tests are about.
        with suppress(OSError), plain, secured.wrap_socket(plain, server_side=True) as one:
            _answer(one, receiver)


def _answer(one, receiver):
    with one.makefile("rb") as reading:
        first = reading.readline().decode().rstrip()
        if not first:
            return  # the sender thought better of it
        headers = {}
        while line := reading.readline().decode().rstrip():
            name, _, value = line.partition(": ")
            headers[name] = value
        receiver.requests.append((first, headers, reading.read(int(headers["Content-Length"]))))
    one.sendall(receiver.answer)


@pytest.fixture
def receiver():
    """
    Return a receiver that listens while the test runs.
    """
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(PEM)
    listening = socket.create_server(("127.0.0.1", 0))
    made = Receiver(listening.getsockname()[1], new_secret())
    thread = threading.Thread(target=_serve, args=(listening, secured, made), daemon=True)
    thread.start()
    yield made
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()
