"""
A deal is won, and its team gets a notice on the channel that each member reads.

Both sides run here: the receiver stands for a chat whose robots are reached over HTTP.
"""

# ruff: noqa: INP001, T201 -- a program that prints

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import salesflow_apprise

import salesflow as sf
from salesflow.dossier import Member
from salesflow.effects import notify
from salesflow.plugins.directory import Directory


PEOPLE = {
    "schema": 1,
    "people": [
        {"id": "li.wei", "language": "zh", "addresses": {"chat": "li"}},
        {"id": "kim", "language": "en", "addresses": {"chat": "kim"}},
    ],
}
GOT: list[str] = []


class Receiver(BaseHTTPRequestHandler):
    """
    Keeps what it is sent.
    """

    def do_POST(self) -> None:
        """
        Take one request in.
        """
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        GOT.append(f"{self.path} {body['title']}")
        self.send_response(204)
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
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["SALES_CHAT"] = f"json://127.0.0.1:{server.server_port}/{{address}}"

    definition = sf.Definition(
        "deal",
        stages=[sf.Stage("offer"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "offer", "won", effects=[notify(to=("team",))])],
        plugins={
            "apprise": {
                "channels": {"chat": {"env": "SALES_CHAT"}},
                "link": "https://sales.example.com/projects/{project}",
            }
        },
    )
    lifecycle = sf.build_lifecycle(definition, plugins=[salesflow_apprise, Directory.load(PEOPLE)])
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei"))
    pipeline.open("Metro line 5", id="metro-5", entries=[Member("li.wei"), Member("kim"), Member("lee")])
    pipeline.fire("metro-5", "win")
    pipeline.deliver()

    print(*sorted(GOT), sep="\n")
    for dead in pipeline.dead():
        print(f"dead: {dead.addressee}: {dead.error}")
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
