"""
A move as somebody would write it by hand in SQL, to hold a store beside, and the turns that both take.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import Any, Final, NamedTuple

import _selling
from _deal import WALK

from salesflow.stores import SqliteStore


MOVE: Final = """
    UPDATE sf_heads SET version = ?, stage = ?, folded = ?, body = ? WHERE tenant = ? AND project = ? AND version = ?
"""
COUNT: Final = "UPDATE sf_counters SET position = position + 1 WHERE tenant = ? RETURNING position"
RECORD: Final = "INSERT INTO sf_facts VALUES (?, ?, ?, ?, ?, ?)"

Turn = tuple[Callable[[], object], Callable[[], object]]


class Row(NamedTuple):
    """
    What one step of the walk stores.
    """

    version: int
    stage: str
    head: str
    fact: str


def rows_of_walk(path: Path) -> list[Row]:
    """
    Return what the store writes at each of the eight steps.
    """
    rows = []
    with SqliteStore(path) as store, closing(sqlite3.connect(path)) as reader:
        pipeline = _selling.seller_pipeline(store)
        (deal,) = _selling.open_deals(pipeline, 1)
        for trigger in WALK:
            pipeline.fire(deal, trigger)
            head = reader.execute("SELECT version, stage, body FROM sf_heads").fetchone()
            fact = reader.execute("SELECT body FROM sf_facts ORDER BY position DESC LIMIT 1").fetchone()
            rows.append(Row(*head, *fact))
    return rows


def connect(path: Path) -> sqlite3.Connection:
    """
    Return a connection that syncs every commit.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    check_full(connection.cursor())
    return connection


def check_full(cursor: Any) -> None:
    """
    Make sure that a commit is synced, and by a write-ahead log.
    """
    found = []
    for name in ("journal_mode", "synchronous"):
        cursor.execute(f"PRAGMA {name}")
        found.append(cursor.fetchone()[0])
    if found != ["wal", 2]:
        raise SystemExit(f"settings differ: {found}")


def move(cursor: sqlite3.Cursor, deal: str, row: Row) -> None:
    """
    Move a head if it is at the expected version, count, record, commit; into the tables of the store.
    """
    version = row.version
    cursor.execute("BEGIN IMMEDIATE")
    cursor.execute(MOVE, (version, row.stage, version, row.head, "main", deal, version - 1))
    if cursor.rowcount != 1:
        raise SystemExit("the bare statements found another version")
    (position,) = cursor.execute(COUNT, ("main",)).fetchone()
    cursor.execute(RECORD, ("main", position, deal, version, time_ns() // 1000, row.fact))
    cursor.execute("COMMIT")


def in_turns(turns: Iterable[Turn]) -> tuple[Sequence[float], Sequence[float]]:
    """
    Return the microseconds of the first and of the second of every pair; each goes first every other time.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for number, steps in enumerate(turns):
        for which in (0, 1) if number % 2 else (1, 0):
            began = perf_counter_ns()
            steps[which]()
            times[which].append((perf_counter_ns() - began) / 1000)
    return times
