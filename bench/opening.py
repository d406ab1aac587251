"""
How long it takes to open a large store, and whether looking up and ticking grow with the projects.

Usage: ``python bench/opening.py DIRECTORY [full]``; ``full`` opens 1,000,000 facts of 50,000 projects,
and looks up among 100,000.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import _filling
import _selling
from _timing import BAR_HEAD, LIMIT_HEAD, bar, begin, limit, table

from salesflow.stores import JournalStore, SqliteStore


LOOPS: Final = 7  # they make twenty facts
FEW: Final = 1_000
TIMES: Final = 15
FLAT: Final = 1.25
"""How much more the larger may cost before it is called growth."""

SMALL_SCALE: Final = 3_000, 20_000
FULL_SCALE: Final = 50_000, 100_000
SQLITE_SECONDS, FULL_PROJECTS = 0.2, FULL_SCALE[0]
PASSED: Final = _selling.AT + timedelta(days=15)
DUE_AT_ONCE: Final = 20


def opened(make: Callable[[], AbstractContextManager[Any]], times: int) -> list[float]:
    """
    Return the seconds of opening a store and asking for one head.
    """
    taken = []
    for _ in range(times):
        began = perf_counter()
        with make() as store:
            found = store.head(_filling.project_id(1))
            taken.append(perf_counter() - began)
        if found is None:
            raise SystemExit("the store does not have its projects")
    return taken


def opening(folder: Path, projects: int) -> None:
    """
    Print what opening takes, and the bars, which are those of the full size.
    """
    database, journal = folder / "opening.db", folder / "journal"
    began = perf_counter()
    facts = projects * _filling.fill_sqlite(database, projects, LOOPS)
    filled = perf_counter()
    _filling.fill_journal(journal, database)
    print(f"\n  Made in {filled - began:.1f} s, and copied into a journal in {perf_counter() - filled:.1f} s.")
    sqlite, files = opened(lambda: SqliteStore(database), 7), opened(lambda: JournalStore(journal), 3)
    rows = [
        (what, f"{statistics.median(taken):.4f}", f"{min(taken):.4f}")
        for what, taken in (("SqliteStore", sqlite), ("JournalStore, every line", files))
    ]
    title = f"s to open {facts:,} facts of {projects:,} projects and read a head, cached by the system"
    table(title, ("store", "median", "best"), rows)
    limits = [limit("SqliteStore, s", statistics.median(sqlite), most=SQLITE_SECONDS)]
    if projects < FULL_PROJECTS:
        print(f"\n  The limits are those of {FULL_PROJECTS:,} projects: run it with 'full'.")
    table("limits", LIMIT_HEAD, limits)


def looks(number: int) -> dict[str, Callable[[Any], Any]]:
    """
    Return what is asked of a store, by name; *number* makes it another owner each time.
    """
    return {
        "head": lambda store: store.head(_filling.project_id(number)),
        "find by stage, 100": lambda store: store.find(stage="proposed", limit=100),
        "find by owner, 10": lambda store: store.find(owner=f"owner-{number % _filling.OWNERS:02}", limit=10),
        "find by outcome, 100": lambda store: store.find(outcome="won", limit=100),
        "find by stage and owner, 3": lambda store: store.find(stage="on_hold", owner="owner-01", limit=3),
        "next due": lambda store: store.next_due("deadline"),
    }


def look_up(path: Path, number: int) -> dict[str, float]:
    """
    Return the milliseconds of each question, asked of a handle that has seen no project yet.
    """
    taken = {}
    with SqliteStore(path) as store:
        store.feed(limit=1)  # the reading connection is there
        for name, ask in looks(number).items():
            began = perf_counter()
            ask(store)
            taken[name] = 1000 * (perf_counter() - began)
    return taken


def tick(path: Path) -> dict[str, float]:
    """
    Return the milliseconds of a tick that finds nothing, and of one that acts on some deadlines.
    """
    taken = {}
    with SqliteStore(path) as store:
        pipeline = _selling.seller_pipeline(store, _filling.lifecycle())
        steps = (("tick, nothing due", _selling.AT, 0), (f"tick, {DUE_AT_ONCE} due", PASSED, DUE_AT_ONCE))
        for name, at, wanted in steps:
            began = perf_counter()
            report = pipeline.tick(at, limit=DUE_AT_ONCE)
            taken[name] = 1000 * (perf_counter() - began)
            if report.done != wanted:
                raise SystemExit(f"{name}: {report}")
    return taken


def growing(folder: Path, projects: int) -> None:
    """
    Print milliseconds with few projects and with many, in turns.
    """
    paths = {count: folder / f"{count}.db" for count in (FEW, projects)}
    for count, path in paths.items():
        _filling.fill_sqlite(path, count, 0)
    times: dict[int, dict[str, list[float]]] = {count: {} for count in paths}
    for number in range(TIMES + 1):
        for count, path in sorted(paths.items(), reverse=number % 2 == 0):
            for name, taken in (look_up(path, number) | tick(path)).items():
                if number:  # the first round only warms up
                    times[count].setdefault(name, []).append(taken)
    few, many = ({name: statistics.median(each) for name, each in times[count].items()} for count in paths)
    table(
        f"ms on SqliteStore, median of {TIMES}; a third of the projects has a deadline",
        ("what", f"{FEW:,} projects", f"{projects:,} projects"),
        [(name, f"{few[name]:.3f}", f"{many[name]:.3f}") for name in few],
    )
    table("large / small", BAR_HEAD, [bar(name, many[name] / few[name], FLAT) for name in few])


def main(where: str, *, full: bool = False) -> None:
    """
    Print both.
    """
    begin(f"opening: large stores in {where}")
    many, more = FULL_SCALE if full else SMALL_SCALE
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as name:
        opening(Path(name), many)
        growing(Path(name), more)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", full="full" in sys.argv[2:])
