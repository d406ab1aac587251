"""
Databases that every released version wrote: they open, say what they said, and go on.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import create_engine

from salesflow import replay
from salesflow.stores import MemoryStore, copy_facts
from salesflow.stores.adapting import canonical, encode_project
from salesflow.testing import NOW, changed, claim, commit, grow, key, opened


FOLDERS = sorted(each for each in (Path(__file__).parent / "golden").iterdir() if each.name[0].isdigit())


def sqlite_engine(folder, tmp_path, _pg_engine):
    """A file that is made from a version's dump."""
    with closing(sqlite3.connect(tmp_path / "sales.db")) as connection:
        connection.executescript((folder / "sqlite.sql").read_text("utf-8"))
    return create_engine(f"sqlite:///{tmp_path / 'sales.db'}")


def postgresql_engine(folder, _tmp_path, pg_engine):
    """A database that is made from a version's dump."""
    with pg_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS golden")
        connection.exec_driver_sql("CREATE DATABASE golden")
    engine = create_engine(pg_engine.url.set(database="golden"))
    with engine.begin() as connection:
        connection.connection.driver_connection.execute((folder / "postgresql.sql").read_text("utf-8"))
    return engine


@pytest.fixture(
    params=[(folder, make) for folder in FOLDERS for make in (sqlite_engine, postgresql_engine)],
    ids=lambda param: f"{param[0].name}-{param[1].__name__}",
)
def golden(request, tmp_path, pg_engine):
    """
    A store as a version left it, and the heads that it had.
    """
    folder, make = request.param
    engine = make(folder, tmp_path, pg_engine)
    with SqlAlchemyStore(engine) as store:
        yield store, (folder / "heads.jsonl").read_bytes().splitlines()
    engine.dispose()


def test_what_was_written(golden):
    """
    Histories fold to the heads that were recorded; definitions, refusals, keys and work are there.
    """
    store, heads = golden
    folded = [replay(store.load(each.id)) for each in store.find()]
    work = {each.work.id for each in claim(store)}

    assert heads == [canonical(encode_project(each)) for each in folded]
    assert heads == [canonical(encode_project(each)) for each in store.find()]
    assert () == store.check(deep=True).problems
    assert ["short"] == [each.id for each in store.definitions()]
    assert ["go", "go", "win"] == [each.trigger for each in store.refusals().attempts]
    assert ({"n:P-1:1:2"}, ["n:P-1:1:1"]) == (work, [each.work.id for each in store.dead("notice")])


def test_going_on(golden):
    """
    It takes new facts and attempts, repeats the old ones, and gives all of them to another store.
    """
    store, _ = golden
    before = len(store.feed().facts)
    again = store.commit(commit(opened("P-1"), key=key()))
    store.commit(commit(changed(store.head("P-2"))))
    grow(store, "P-9")
    closed = [each.id for each in store.find(order_by="closed_at", closed_between=(NOW, NOW.replace(year=2027)))]

    assert (True, before + 4) == (again.replayed, copy_facts(store, MemoryStore()))
    assert ["P-3", "P-1"] == closed
    assert store.check(deep=True).ok


def test_this_version_is_there():
    """
    Every version that writes these tables has left some.
    """
    from salesflow import __version__

    assert __version__ in [each.name for each in FOLDERS]
