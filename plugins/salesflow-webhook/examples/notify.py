"""
A deal is won, and its notice is sent twice, because the receiver is busy the first time.

Both sides run here. ``receiver.pem`` is the certificate of a host that does not exist, with its key.
"""

# ruff: noqa: INP001, T201 -- a program that prints

from __future__ import annotations

import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from salesflow_webhook import SignatureError, Webhook, new_secret, verify

import salesflow as sf
from salesflow.effects import notify


PEM = Path(__file__).with_name("receiver.pem")
SECRET = new_secret()
IDS: list[str] = []


class Receiver(BaseHTTPRequestHandler):
    """
    Is busy the first time, and acts on what is signed with the secret.
    """

    def do_POST(self) -> None:
        """
        Take one request in.
        """
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            message_id = verify(SECRET, dict(self.headers), body)
        except SignatureError:
            self.send_response(401)
        else:
            busy = not IDS
            print("received:", json.loads(body)["type"], "busy" if busy else "done")
            IDS.append(message_id)
            self.send_response(503 if busy else 204)
        self.end_headers()

    def log_message(self, *_given: object) -> None:
        """
        Say nothing: requests are nobody's business.
        """


def main() -> None:
    """
    Run both sides.
    """
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(PEM)
    server.socket = secured.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    port = server.server_port
    webhook = Webhook(
        f"https://receiver.test:{port}/sales",
        SECRET,
        ports=[port],
        allowed=["127.0.0.0/8"],
        context=ssl.create_default_context(cafile=str(PEM)),
        resolve=lambda _host, _port: ["127.0.0.1"],
    )
    definition = sf.Definition(
        "deal",
        stages=[sf.Stage("offer", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "offer", "won", effects=[notify(to=("team",), topic="won")])],
    )
    pipeline = sf.Pipeline(sf.build_lifecycle(definition), actor=sf.Actor("li.wei"))
    pipeline.open("Metro line 5", id="metro-5")
    pipeline.fire("metro-5", "win")

    first = pipeline.deliver(webhook.send)
    print("later:", first.failures[0].error)
    again = pipeline.deliver(webhook.send, at=datetime.now(UTC) + timedelta(minutes=1))
    print("delivered:", again.done, "under the same id" if len(set(IDS)) == 1 else "under another id")
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
