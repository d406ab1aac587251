"""
Connections to PostgreSQL that belong to the store: how often they are used, and how they end.
"""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from datetime import date
from itertools import count

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore, _driver
from sqlalchemy import text

from salesflow import Actor, Money, Pipeline, load_lifecycle
from salesflow.errors import StoreBusyError, StoreUnavailableError
from salesflow.stores import MemoryStore
from salesflow.testing import changed, commit, grow, opened


_TENANTS = count()


@pytest.fixture
def store(line):
    """
    A store that reaches the server over the line.
    """
    with SqlAlchemyStore(line.url, tenant=f"driver-{next(_TENANTS)}") as made:
        yield made


class Interrupting(dict):
    """
    Values that somebody interrupts while they are being sent.
    """

    def __missing__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_a_move_is_two_round_trips(line, store):
    """
    Taking a transition says two things to the server: a question for the head, and one statement that writes all.
    """
    pipeline = Pipeline(load_lifecycle("simple_deal"), store=store, actor=Actor("li.wei"))
    fields = {"owner": "li.wei", "amount": Money("1200000", "CNY"), "expected_close": date(2026, 9, 1)}
    project = pipeline.open("Core network upgrade", fields=fields)
    before = line.said
    pipeline.fire(project.id, "propose")

    assert 2 == line.said - before


def test_what_it_reads_is_what_was_written(line, store):
    """
    A head is the same whether this store wrote it or another one did.
    """
    other = MemoryStore()
    for one in (store, other):
        one.commit(commit(changed(grow(one))))
    with SqlAlchemyStore(line.url, tenant=store._tenant) as fresh:
        found = fresh.head("P-1")

    assert [other.head("P-1")] * 2 == [store.head("P-1"), found]


def test_interrupted(store):
    """
    A connection on which somebody was interrupted is not used again.
    """
    with store._connections._lent() as before:
        pass
    with pytest.raises(KeyboardInterrupt):
        store._connections.first(text("SELECT :a"), Interrupting())
    with store._connections._lent() as after:
        pass

    assert (True, False) == (before.closed, after is before)


def test_a_refusal_keeps_the_connection(store):
    """
    A connection over which the server refused a statement is as good as before.
    """
    with store._connections._lent() as before:
        pass
    with pytest.raises(StoreBusyError, match="57014"):
        store._connections.first(text("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(9)"), {})
    with store._connections._lent() as after:
        pass

    assert after is before


def test_all_in_use(store, monkeypatch):
    """
    Whoever gets no connection in time is told that the store is busy; afterwards there are some again.
    """
    monkeypatch.setattr(_driver, "_PATIENCE", 0.01)
    with ExitStack() as threads:
        for _ in range(_driver._MOST):
            threads.enter_context(store._connections._lent())
        with pytest.raises(StoreBusyError, match="in use"):
            store.head("P-1")

    assert None is store.head("P-1")


def test_failures_take_no_room(tmp_path, store):
    """
    However often no connection comes about, the reason stays the same.
    """
    store._connections._hang_up()
    (tmp_path / ".s.PGSQL.5432").unlink()
    seen = set()
    for _ in range(_driver._MOST + 1):
        with pytest.raises(StoreUnavailableError) as caught:
            store.head("P-1")
        seen.add(str(caught.value))

    assert 1 == len(seen)


def test_closed_while_in_use(store):
    """
    A connection that is in use while the store is closed is closed when it comes back.
    """
    with store._connections._lent() as connection:
        store.close()

    assert connection.closed


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork")
def test_dropped_by_a_forked_child(store):
    """
    A child that drops the handle of its parent hangs up for nobody.
    """
    backend = text("SELECT pg_backend_pid()")
    before = store._connections.first(backend, {})
    child = os.fork()
    if not child:
        store._connections = None
        gc.collect()
        os._exit(0)
    os.waitpid(child, 0)

    assert before == store._connections.first(backend, {})


def test_cut_while_leaving(line, store):
    """
    A connection that breaks while a failed piece of work is undone is not used again, and the failure is told.
    """

    def work(connection):
        connection.execute(text("SELECT 1"))
        line.cut_at(b"ROLLBACK", deliver=False)
        return 1 // 0

    with pytest.raises(ZeroDivisionError):
        store._connections.snapshot(work)

    assert None is store.head("P-1")


def test_forgotten_heads(store, monkeypatch):
    """
    Heads are kept up to a certain size, and read again after that.
    """
    for name in ("P-1", "P-2", "P-3"):
        store.commit(commit(opened(name)))
    kept = {name: store._reader.heads._kept[name][1] for name in ("P-1", "P-2", "P-3")}
    store._reader.heads._size = 4_000_000
    store.commit(commit(opened("P-4")))

    assert ["P-4"] == list(store._reader.heads._kept)
    assert kept == {name: store.head(name) for name in ("P-1", "P-2", "P-3")}


ASKED = {"load": lambda store: len(list(store.load("P-1"))), "check": lambda store: store.check(deep=True).facts}


@pytest.mark.parametrize("ask", ASKED)
def test_a_connection_that_died_while_nobody_used_it(store, ask):
    """
    Reading goes on over a new connection when the one that lay there had died.
    """
    grow(store)
    idle = store._connections._taken()
    idle.cursor.connection.close()
    store._connections._give_back(idle, whole=True)

    assert 3 == ASKED[ask](store)
