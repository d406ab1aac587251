"""
A durable ``fire`` on ``SqliteStore`` beside the bare statements, and beside other libraries on SQLite.

Usage: ``python bench/sqlite.py DIRECTORY [DEALS] [ROUNDS]``; the directory decides which medium is measured.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from time import perf_counter_ns

import _bare
import _selling
import _sql_rivals
from _deal import WALK
from _medium import on_medium, sync_time
from _timing import BAR_HEAD, bar, begin, race, table

from salesflow.stores import SqliteStore


DEALS = 60
ROUNDS = 10


def measure(folder: Path, deals: int) -> tuple[Sequence[float], Sequence[float]]:
    """
    Return microseconds of the bare statements and of ``fire``.
    """
    rows = _bare.rows_of_walk(folder / "sample.db")
    with SqliteStore(folder / "bare.db") as store:
        others = _selling.open_deals(_selling.seller_pipeline(store), deals)
    with SqliteStore(folder / "store.db") as store, closing(_bare.connect(folder / "bare.db")) as connection:
        pipeline, cursor = _selling.seller_pipeline(store), connection.cursor()
        ours = _selling.open_deals(pipeline, deals)
        return _bare.in_turns(
            (partial(_bare.move, cursor, other, row), partial(pipeline.fire, deal, trigger))
            for deal, other in zip(ours, others, strict=True)
            for trigger, row in zip(WALK, rows, strict=True)
        )


def beside_bare(folder: Path, deals: int) -> list[tuple[str, ...]]:
    """
    Print what both take, and return the row of the bar.
    """
    statements, fires = measure(folder, deals)
    told = ((_sql_rivals.BARE, statements), ("fire, SqliteStore", fires))
    rows = [(what, f"{statistics.median(times):.1f}", f"{min(times):.1f}") for what, times in told]
    table(f"µs each, {len(fires)} moves, in turns, WAL and synchronous=FULL", ("what", "median", "best"), rows)
    return [bar("fire / bare statements, medians", statistics.median(fires) / statistics.median(statements), 1.35)]


def beside_rivals(folder: Path, rounds: int) -> list[tuple[str, ...]]:
    """
    Print what a move takes with twenty facts of history, and return the rows of the bars.
    """
    with ExitStack() as stack:
        timings = race(_sql_rivals.contenders(folder, stack), rounds, perf_counter_ns)
    rows = [(one.name, f"{one.median:.1f}", f"{one.best:.1f}") for one in timings.values()]
    table(f"µs a move after 20 facts, {rounds} rounds, WAL and synchronous=FULL", ("what", "median", "best"), rows)
    ours = _sql_rivals.WARM, _sql_rivals.COLD
    found = []
    for rival in (name for name in _sql_rivals.RIVALS if name in timings):
        base = timings[rival].median
        found += [bar(f"{name} / {rival}", timings[name].median / base, 0.5) for name in ours]
        least = timings[_sql_rivals.BARE].median / base
        found.append((f"{_sql_rivals.BARE} / {rival}", f"{least:.2f}", "", "", "the floor"))
    return found


def main(where: str, deals: int = DEALS, rounds: int = ROUNDS) -> None:
    """
    Print what a durable move costs in a SQLite file on the medium of *where*.
    """
    begin(f"sqlite: fire and commit in {where}, SQLite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as name:
        folder = Path(name)
        ratios = beside_bare(folder, deals) + beside_rivals(folder, rounds)
        table("ratio", BAR_HEAD, on_medium(ratios, sync_time(folder)))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", *map(int, sys.argv[2:4]))
