"""
Servers on this machine, for mail and for HTTP, whose answers a test sets.
"""

from __future__ import annotations

import json
import socket
import threading
import warnings
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import apprise
import attrs
import pytest
from aiosmtpd.controller import Controller


# apprise loads its services when the first is asked for, and one of them imports what Python 3.13 has no more.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    apprise.NotificationManager().load_modules()


@attrs.define
class Mails:
    """
    What a mail server received, and what it answers.
    """

    port: int = 0
    answer: str = "250 OK"
    received: list = attrs.Factory(list)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 -- the name that the server calls
        """
        Take a mail in.
        """
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append((envelope.rcpt_tos, mail))
        return self.answer


@attrs.define
class Requests:
    """
    What an HTTP server received, and with which status it answers.
    """

    port: int = 0
    status: int = 200
    received: list = attrs.Factory(list)


@pytest.fixture
def mails():
    """
    Return a mail server that listens while the test runs.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Mails(free.getsockname()[1])
    server = Controller(made, hostname="127.0.0.1", port=made.port)
    server.start()
    yield made
    server.stop()


@pytest.fixture
def requests():
    """
    Return an HTTP server that listens while the test runs.
    """
    made = Requests()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.received.append((self.path, dict(self.headers), body))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, *_given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
