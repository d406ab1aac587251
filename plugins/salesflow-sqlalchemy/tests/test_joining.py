"""
A move in the host's own transaction: with it or not at all, and the transaction stays the host's.
"""

from __future__ import annotations

import gc

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event, func, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from salesflow import Actor, Pipeline, load_lifecycle
from salesflow.errors import InputError, KeyReusedError, StoreBusyError, StoreError, VersionConflictError
from salesflow.testing import changed, commit, dump, grow, key, moved, notice, opened


METADATA = MetaData()
ORDERS = Table("orders", METADATA, Column("id", Integer, primary_key=True))


@pytest.fixture
def shop(engine):
    """
    The host's engine, with a table of its own.
    """
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    return engine


def orders(engine) -> int:
    """How many orders are committed."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(ORDERS)).scalar_one()


def joined(store, connection) -> SqlAlchemyStore:
    """A store of the same tenant on the host's connection."""
    return SqlAlchemyStore.joining(connection, tenant=store._tenant)


def test_both_are_committed(shop, store):
    """
    The host's row and the fact are there once the host has committed, and not before.
    """
    with shop.connect() as connection:
        connection.execute(insert(ORDERS))
        inside = joined(store, connection)
        inside.commit(commit(opened(), key=key(), notices=[notice()]))
        seen = inside.head("P-1"), (None if shop.dialect.name == "sqlite" else store.head("P-1"))
        connection.commit()

    assert (opened().project, None) == seen
    assert (1, opened().project, opened().fact) == (orders(shop), store.head("P-1"), store.committed(key()))


@pytest.mark.parametrize("first", ["order", "fact"])
def test_neither_is_committed(shop, store, first):
    """
    What the host rolls back is gone with everything that was committed in it, whichever came first.
    """
    before = dump(store)
    with shop.connect() as connection:
        if first == "order":
            connection.execute(insert(ORDERS))
        joined(store, connection).commit(commit(opened(), notices=[notice()], attempts=[]))
        connection.execute(insert(ORDERS))
        connection.rollback()

    assert (0, before) == (orders(shop), dump(store))


def test_several_projects(shop, store):
    """
    A commit of two projects joins as well.
    """
    with shop.begin() as connection:
        joined(store, connection).commit(commit(opened("P-2"), opened("P-1")))

    assert ["P-2", "P-1"] == [each.project_id for each in store.feed().facts]


def test_a_conflict_leaves_the_transaction_usable(shop, store):
    """
    After a refused commit the host goes on in the same transaction, and commits the rest.
    """
    project = grow(store)
    with shop.begin() as connection:
        connection.execute(insert(ORDERS))
        inside = joined(store, connection)
        with pytest.raises(VersionConflictError):
            inside.commit(commit(changed(opened().project)))
        with pytest.raises(VersionConflictError):
            inside.commit(commit(opened("P-2"), opened()))
        inside.commit(commit(moved(project)))

    assert (1, 4, None) == (orders(shop), store.head("P-1").version, store.head("P-2"))


def test_a_reused_key_leaves_the_transaction_usable(shop, store):
    """
    Even a key that the database itself refuses is undone to the savepoint only.
    """
    first = opened()
    store.commit(commit(first, key=key()))
    with shop.begin() as connection:
        connection.execute(insert(ORDERS))
        inside = joined(store, connection)
        with pytest.raises(KeyReusedError):
            inside.commit(commit(changed(first.project), key=key(request="b")))
        replayed = inside.commit(commit(changed(first.project), key=key()))

    assert (1, True, first.fact) == (orders(shop), replayed.replayed, replayed.fact)


def test_closing_leaves_the_connection_open(shop, store):
    """
    The connection is the host's; closing the store does not touch it.
    """
    with shop.begin() as connection:
        joined(store, connection).close()
        connection.execute(insert(ORDERS))

    assert 1 == orders(shop)


def test_checks_inside(shop, store):
    """
    A joined store answers every question about what is not committed yet.
    """
    with shop.connect() as connection:
        inside = joined(store, connection)
        grow(inside)
        found = inside.check(deep=True)
        connection.rollback()

    assert (3, ()) == (found.facts, found.problems)


def test_automatic_commits_are_refused(shop, store):
    """
    A connection in AUTOCOMMIT has no transaction to join, so nothing is written.
    """
    with shop.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        inside = joined(store, connection)
        with pytest.raises(InputError, match="no transaction to join"):
            inside.commit(commit(opened()))

    assert None is store.head("P-1")


def test_tables_must_be_there(tmp_path):
    """
    Somebody else's transaction is no place to make tables in.
    """
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with engine.begin() as connection, pytest.raises(StoreError, match="Open SqlAlchemyStore"):
        SqlAlchemyStore.joining(connection)
    engine.dispose()


def test_a_snapshot_that_is_too_old(pg_engine, pg_store):
    """
    In a transaction whose snapshot is older than the head, the host is told to try again.
    """
    project = grow(pg_store)
    with pg_engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        inside = joined(pg_store, connection)
        head = inside.head("P-1")
        pg_store.commit(commit(changed(project)))
        with pytest.raises(StoreBusyError, match="40001"):
            inside.commit(commit(changed(head)))
        connection.rollback()

    assert 4 == pg_store.head("P-1").version


def test_a_host_that_begins_by_itself(lite_engine):
    """
    Hosts that switch the driver's own beginning off and say BEGIN themselves are joined and served.
    """

    @event.listens_for(lite_engine, "connect")
    def no_beginning(connection, _record):
        connection.isolation_level = None

    @event.listens_for(lite_engine, "begin")
    def beginning(connection):
        connection.exec_driver_sql("BEGIN")

    with SqlAlchemyStore(lite_engine) as store:
        project = grow(store)
        with lite_engine.connect() as connection:
            joined(store, connection).commit(commit(changed(project)))
            connection.rollback()
        with lite_engine.begin() as connection:
            joined(store, connection).commit(commit(moved(project)))

        assert ("offer", 4) == (store.head("P-1").stage, store.head("P-1").version)


def test_a_pipeline_joins(shop, store):
    """
    A whole pipeline runs in the host's transaction.
    """
    lifecycle = load_lifecycle("simple_deal")
    with shop.connect() as connection:
        pipeline = Pipeline(lifecycle, store=joined(store, connection)).acting(Actor("li.wei"))
        lost = pipeline.open("Never mind").id
        connection.rollback()
        kept = pipeline.open("Core network upgrade").id
        connection.execute(insert(ORDERS))
        connection.commit()

    assert (None, "Core network upgrade", 1) == (store.head(lost), store.head(kept).name, orders(shop))


@pytest.fixture
def told():
    """What a listener has heard: versions."""
    return []


@pytest.fixture
def selling(shop, store, told):
    """
    A pipeline on a connection of the host, with a listener, and a project that is open.
    """
    lifecycle = load_lifecycle("simple_deal")
    pipeline = Pipeline(lifecycle, store=store, actor=Actor("ann"))
    pipeline.open("Upgrade", id="P-9")

    def on(connection):
        inside = joined(store, connection)
        hear = [lambda facts, _project: told.append((facts[0].version, pipeline.get("P-9").version))]
        return Pipeline(lifecycle, store=inside, actor=Actor("ann"), listeners=hear)

    return on


def test_listeners_hear_when_the_host_has_committed(shop, selling, told):
    """
    A listener of a joined pipeline hears of a write when others see it, in order, and not before.
    """
    with shop.begin() as connection:
        pipeline = selling(connection)
        pipeline.update("P-9", {"owner": "li"})
        pipeline.update("P-9", {"owner": "chen"})
        before = list(told)

    assert ([], [(2, 3), (3, 3)]) == (before, told)


def test_listeners_hear_at_the_next_transaction(shop, selling, told):
    """
    On a connection that stays open they hear when the next transaction begins.
    """
    with shop.connect() as connection:
        pipeline = selling(connection)
        pipeline.update("P-9", {"owner": "li"})
        connection.commit()
        pipeline.get("P-9")

        assert [(2, 2)] == told


def test_listeners_hear_on_every_engine(tmp_path):
    """
    A listener hears on an engine whose pool was replaced, and on one whose pool lies where another one's was.
    """
    path, told, engines = f"sqlite:///{tmp_path / 'sales.db'}", [], []
    for number in range(60):
        if number % 2 == 0:
            engines.append(create_engine(path))
            SqlAlchemyStore(engines[-1]).close()
        with engines[-1].begin() as connection:
            pipeline = Pipeline(
                load_lifecycle("simple_deal"),
                store=SqlAlchemyStore.joining(connection),
                actor=Actor("ann"),
                listeners=[lambda _facts, project: told.append(project.id)],
            )
            pipeline.open("Upgrade", id=str(number))
        engines[-1].dispose()  # it has another pool from now on
        gc.collect()

    assert [str(number) for number in range(60)] == told


def test_listeners_never_hear_of_what_was_rolled_back(shop, selling, told):
    """
    What the host rolls back, whole or to its own savepoint, no listener hears of.
    """
    with shop.connect() as connection:
        pipeline = selling(connection)
        pipeline.update("P-9", {"owner": "li"})
        connection.rollback()
        pipeline.update("P-9", {"owner": "chen"})
        savepoint = connection.begin_nested()
        pipeline.update("P-9", {"owner": "wang"})
        with connection.begin_nested():
            pipeline.update("P-9", {"owner": "zhao"})
        savepoint.rollback()
        pipeline.update("P-9", {"owner": "sun"})
        connection.commit()

    assert [(2, 3), (3, 3)] == told


def test_listeners_never_hear_of_a_commit_that_failed(shop, selling, told, monkeypatch):
    """
    A commit of the host that fails is rolled back, and nobody hears of it.
    """

    def fail(_connection):
        raise shop.dialect.dbapi.OperationalError("the line is cut")

    def commit_all():
        with shop.begin() as connection:
            selling(connection).update("P-9", {"owner": "li"})
            monkeypatch.setattr(shop.dialect, "do_commit", fail)

    with pytest.raises(OperationalError):
        commit_all()

    assert [] == told


def test_listeners_of_a_session(shop, selling, told):
    """
    With a session of the host they hear at its commit.
    """
    with Session(shop) as session:
        selling(session.connection()).update("P-9", {"owner": "li"})
        session.commit()

        assert [(2, 2)] == told
