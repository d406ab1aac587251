"""
A batch is one transaction for up to 1,000 commits, with a savepoint for each.
"""

from __future__ import annotations

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import text

from salesflow.errors import OutcomeUnknownError, StoreError, StoreFailedError, StoreUnavailableError
from salesflow.stores import MemoryStore, copy_facts
from salesflow.testing import attempt, changed, commit, grow, opened
from salesflow.typing import StoredDefinition


KILL = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'batching'")


@pytest.fixture
def doomed(server, pg_engine):
    """
    A store whose connections the server ends when it is told to, and what ends them.
    """

    def kill():
        with pg_engine.connect() as connection:
            connection.execute(KILL)

    url = server.replace("postgresql://", "postgresql+psycopg://") + "&application_name=batching"
    with SqlAlchemyStore(url, tenant="doomed") as store:
        yield store, kill


@pytest.mark.slow
def test_chunks_are_transactions(engine, store):
    """
    Others see 1,000 commits at once, and the others when the block ends.
    """
    with SqlAlchemyStore(engine, tenant=store._tenant) as other:
        seen = []
        with store.batch():
            for number in range(1001):
                store.commit(commit(attempts=[attempt(trigger=str(number))]))
                if number in (998, 999, 1000):
                    seen.append(len(other.attempts("P-1")))
        seen.append(len(other.attempts("P-1")))

    assert [0, 1000, 1000, 1001] == seen


def test_closed_in_a_batch(engine, store):
    """
    Closing the store in a block writes what waits.
    """
    inner = SqlAlchemyStore(engine, tenant=store._tenant)
    with inner.batch():
        grow(inner)
        inner.close()

    assert 3 == len(store.feed().facts)


def test_joined_batch(engine, store):
    """
    In the host's transaction a batch changes nothing: the host commits all of it, or none.
    """
    with engine.connect() as connection:
        inside = SqlAlchemyStore.joining(connection, tenant=store._tenant)
        with inside.batch():
            project = grow(inside)
            inside.commit(commit(changed(project)))
        connection.rollback()

    assert None is store.head("P-1")


def test_connection_that_ends_in_a_batch(doomed):
    """
    A batch whose connection is gone says so at the next commit and has left nothing; the next batch works.
    """
    store, kill = doomed
    with store.batch():
        project = grow(store)
        kill()
        with pytest.raises((StoreUnavailableError, OutcomeUnknownError)):
            store.commit(commit(changed(project)))
        with pytest.raises(StoreFailedError, match="batch"):
            store.commit(commit(opened("P-2")))
        outside = store.head("P-1")
    with store.batch():
        grow(store, "P-3")

    assert (None, ["P-3"]) == (outside, [each.id for each in store.find()])


def test_connection_that_ends_before_the_batch_does(doomed):
    """
    What could not be written when the block ends is raised by the block.
    """
    store, kill = doomed

    def batch():
        with store.batch():
            grow(store, "P-4")
            kill()

    with pytest.raises(StoreError):
        batch()

    assert None is store.head("P-4")


def test_definitions_by_tenant(engine, store):
    """
    Definitions are kept by tenant, and go into another store with the facts.
    """
    kept, target = StoredDefinition("short", "1", "sha256:0", "{}"), MemoryStore()
    with SqlAlchemyStore(engine, tenant=f"{store._tenant}-b") as other:
        store.keep_definition(kept)
        copy_facts(store, target)

        assert ((kept,), (), (kept,)) == (store.definitions(), other.definitions(), target.definitions())
