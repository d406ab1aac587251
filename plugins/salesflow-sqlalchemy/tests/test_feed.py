"""
Whoever follows the feed while eight writers commit late misses nothing; with a plain identity column he does.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import text

from salesflow.errors import InputError, UnsupportedError
from salesflow.testing import changed, commit, grow, opened


WRITERS = 8
EACH = 25


class Plain:
    """
    A feed in the order of an identity column, as one would first write it.
    """

    def __init__(self, engine):
        self.engine = engine
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS plain_feed"))
            connection.execute(text("CREATE TABLE plain_feed (id bigint GENERATED ALWAYS AS IDENTITY, name text)"))

    def write(self, connection, writer, number):
        connection.execute(text("INSERT INTO plain_feed (name) VALUES (:name)"), {"name": f"{writer}:{number}"})

    def read(self, cursor):
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT id, name FROM plain_feed WHERE id > :after ORDER BY id"), {"after": int(cursor or 0)}
            ).all()
        return [row.name for row in rows], (str(rows[-1].id) if rows else cursor)


class Ours:
    """
    The feed of a store, written in transactions of the host.
    """

    def __init__(self, store):
        self.store = store
        self.heads = {}

    def write(self, connection, writer, number):
        inside = SqlAlchemyStore.joining(connection, tenant=self.store._tenant, ordering=self.store._ordering)
        append = changed(self.heads[writer]) if number else opened(f"P-{writer}")
        inside.commit(commit(append))
        self.heads[writer] = append.project

    def read(self, cursor):
        page = self.store.feed(cursor)
        return [f"{each.project_id[2:]}:{each.version - 1}" for each in page.facts], page.cursor


def follow(engine, feed) -> list[str]:
    """
    Write with eight threads, each holding back every fifth commit, and return what a reader saw meanwhile.
    """
    done = Event()

    def write(writer: int) -> None:
        for number in range(EACH):
            with engine.begin() as connection:
                feed.write(connection, writer, number)
                if (writer + number) % 5 == 0:
                    connection.execute(text("SELECT pg_sleep(0.004)"))

    def read() -> list[str]:
        seen, cursor, last = [], "", False
        while not last:
            last = done.is_set()
            found, cursor = feed.read(cursor)
            seen += found
        return seen

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(read)
        for writing in [pool.submit(write, writer) for writer in range(WRITERS)]:
            writing.result()
        done.set()
        return reading.result()


EVERYTHING = sorted(f"{writer}:{number}" for writer in range(WRITERS) for number in range(EACH))


@pytest.mark.threads
@pytest.mark.slow
@pytest.mark.parametrize("ordering", ["total", "relaxed"])
def test_reader_misses_nothing(pg_engine, ordering):
    """
    Every fact is seen once, and each project in order.
    """
    with SqlAlchemyStore(pg_engine, tenant=f"feed-{ordering}", ordering=ordering) as store:
        seen = follow(pg_engine, Ours(store))

    assert EVERYTHING == sorted(seen)
    assert [list(range(EACH))] * WRITERS == [
        [int(each.partition(":")[2]) for each in seen if each.startswith(f"{writer}:")] for writer in range(WRITERS)
    ]


@pytest.mark.threads
@pytest.mark.slow
def test_the_control_loses_facts(pg_engine):
    """
    The same reader on an identity column misses some, so the test above is able to fail.
    """
    seen = follow(pg_engine, Plain(pg_engine))

    assert len(EVERYTHING) > len(seen)


def test_relaxed_feed_waits_for_older_transactions(pg_engine):
    """
    A fact is held back while a transaction that began before it may still write one in front of it.
    """
    with SqlAlchemyStore(pg_engine, tenant="feed-waits", ordering="relaxed") as store:
        with pg_engine.begin() as connection:
            Ours(store).write(connection, 1, 0)
            grow(store, "P-2", facts=1)
            early = store.feed()
        late = store.feed(early.cursor)

    assert ((), "") == (early.facts, early.cursor)
    assert ["P-1", "P-2"] == [each.project_id for each in late.facts]


@pytest.mark.parametrize("cursor", ["7", "x:1", "1:2:3", "1:", f"{2**63 - 1}:{2**63}", "9" * 20 + ":1", "１:1"])
def test_foreign_cursor(pg_engine, cursor):
    """
    A cursor that no page of a relaxed feed had is refused.
    """
    with (
        SqlAlchemyStore(pg_engine, tenant="feed-foreign", ordering="relaxed") as store,
        pytest.raises(InputError, match="cursor of the previous page"),
    ):
        store.feed(cursor)


def test_a_tenant_keeps_its_ordering(pg_engine):
    """
    Cursors of one ordering mean nothing in the other, so a tenant cannot change it.
    """
    SqlAlchemyStore(pg_engine, tenant="feed-kept", ordering="relaxed").close()
    with pytest.raises(InputError, match="began with 'relaxed'"):
        SqlAlchemyStore(pg_engine, tenant="feed-kept")


def test_orderings(pg_engine, lite_engine):
    """
    There are two orderings, and SQLite, which has one writer at a time, has no use for the relaxed one.
    """
    with pytest.raises(InputError, match="'total' or 'relaxed'"):
        SqlAlchemyStore(pg_engine, ordering="loose")
    with pytest.raises(UnsupportedError, match="relaxed feed"):
        SqlAlchemyStore(lite_engine, ordering="relaxed")
