"""
Files of an earlier schema that are brought to this one while others use them.
"""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest

from salesflow.stores import SqliteStore
from salesflow.testing import NOW, changed, commit, grow, moved, notice, opened, write


LATE = NOW + timedelta(days=99)
WON, KEPT = ("forward", "won"), ("reopen", "won")
MOVES = {
    "open": [("forward", "undecided")],
    "won": [WON],
    "won_twice": [WON, WON],
    "lost_later": [WON, ("forward", "lost")],
    "closed_again": [WON, ("reopen", "undecided"), WON],
    "kept": [WON, KEPT],
    "kept_and_moved_on": [WON, KEPT, WON],
}
"""By project: the kind of each move and the outcome after it."""


@pytest.fixture
def path(tmp_path):
    """
    A database of the schema before, with facts in it.
    """
    made = tmp_path / "sales.db"
    with SqliteStore(made) as store:
        grow(store)
        for name, moves in MOVES.items():
            head = write(store, opened(name, at=NOW + timedelta(hours=len(name))))
            for number, (kind, outcome) in enumerate(moves, 1):
                when = NOW + timedelta(days=number)
                head = write(store, moved(write(store, changed(head)), kind=kind, outcome=outcome, at=when))
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(
            "DROP TABLE sf_definitions; DROP TABLE sf_work; DROP INDEX sf_attempts_tenant; DROP INDEX sf_heads_parent;"
            "ALTER TABLE sf_heads DROP COLUMN parent; UPDATE sf_meta SET value = '1';"
            "DROP INDEX sf_heads_opened; DROP INDEX sf_heads_closed;"
            "ALTER TABLE sf_heads DROP COLUMN opened; ALTER TABLE sf_heads DROP COLUMN closed"
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

    assert "1" == before[1]
    assert (before, (before[0] + 8, "5")) == (during, after[:2])
    with SqliteStore(path) as store:
        assert (9 + len(MOVES), True) == (len(store.find()), store.check(deep=True).ok)


def test_when_older_projects_were_closed(path):
    """
    Older heads are found by when their projects were opened and closed, as their facts say.
    """
    with SqliteStore(path) as store:
        closed = {each.id: (each.closed_at - NOW).days for each in store.find(closed_between=(NOW, LATE))}
        lasting = [each.id for each in store.find(order_by="-opened_at", limit=2)]

        assert {"won": 1, "won_twice": 1, "lost_later": 2, "closed_again": 3} == closed
        assert ["kept_and_moved_on", "closed_again"] == lasting
        assert store.check(deep=True).ok
