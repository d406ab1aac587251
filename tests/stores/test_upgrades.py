"""
Files of an earlier schema that are brought to this one while others use them.
"""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from salesflow.stores import SqliteStore

from .factory import commit, grow, notice, opened


@pytest.fixture
def path(tmp_path):
    """
    A database of the schema before, with facts in it.
    """
    made = tmp_path / "sales.db"
    with SqliteStore(made) as store:
        grow(store)
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(
            "DROP TABLE sf_definitions; DROP TABLE sf_work; DROP INDEX sf_attempts_tenant; DROP INDEX sf_heads_parent;"
            "ALTER TABLE sf_heads DROP COLUMN parent; UPDATE sf_meta SET value = '1'"
        )
    return made


@pytest.mark.threads
def test_migration_under_a_reader(path):
    """
    Eight handles migrate a file at once, whole; a reader that began before sees the old state to its end.
    """
    asked = "SELECT (SELECT count(*) FROM sf_facts), value, (SELECT count(*) FROM sqlite_master) FROM sf_meta"
    start = Barrier(8, timeout=60)

    def begin(number):
        start.wait()
        with SqliteStore(path) as store:
            store.commit(commit(opened(f"N-{number}"), notices=[notice(f"N-{number}")]))

    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute(asked).fetchone()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(begin, range(8)))
        during = reader.execute(asked).fetchone()
        reader.execute("ROLLBACK")
        after = reader.execute(asked).fetchone()

    assert (3, "1") == before[:2]
    assert (before, (11, "4")) == (during, after[:2])
    with SqliteStore(path) as store:
        assert (9, True) == (len(store.find()), store.check(deep=True).ok)
