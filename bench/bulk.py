"""
Bulk work: importing deals, reading the whole feed, and the history of a deal after an import.

Usage: ``python bench/bulk.py DIRECTORY [DEALS]``.
"""

from __future__ import annotations

import csv
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from _timing import LIMIT_HEAD, begin, limit, table

import salesflow as sf
from salesflow.exchange import load_mapping, replay_file
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import Store


DEALS: Final = 5_000
ROUNDS: Final = 3
ASKED: Final = 500
LIFECYCLE: Final = sf.build_lifecycle(
    sf.Definition(
        "bulk",
        fields=(sf.Field("owner"), sf.Field("amount", "money")),
        stages=(sf.Stage("new", "open"), sf.Stage("working"), sf.Stage("won", "won")),
        transitions=(
            sf.Transition("work", "new", "working"),
            sf.Transition("win", "working", "won", outcome="won"),
        ),
    )
)
_PATH: Final = [
    {"stage": "new", "column": "opened"},
    {"stage": "working", "column": "worked"},
    {"stage": "won", "column": "closed"},
]
MAPPING: Final[dict[str, Any]] = {
    "schema": 1,
    "kind": "snapshot",
    "project": {"id": {"column": "id"}},
    "actor": {"column": "who"},
    "stage": {"column": "stage", "values": {"Won": "won"}},
    "time": {"formats": ["%Y-%m-%d"]},
    "paths": {"won": _PATH},
    "fields": {"owner": {"column": "who"}, "amount": {"column": "value", "currency": "EUR", "on": ["won"]}},
}


def write_deals(path: Path, deals: int) -> None:
    """
    Write a CSV file of won deals.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "who", "stage", "opened", "worked", "closed", "value"])
        for number in range(deals):
            day = date(2024, 1, 1) + timedelta(days=number % 700)
            times = [(day + timedelta(days=days)).isoformat() for days in (0, 9, 30)]
            rows.writerow([f"D-{number:06}", f"seller {number % 40}", "Won", *times, number * 7 % 90_000 + 1000])


def imported(path: Path, store: Store) -> float:
    """
    Return the seconds that an import takes.
    """
    mapping = load_mapping(MAPPING, lifecycle=LIFECYCLE)
    began = perf_counter()
    report = replay_file(path, mapping=mapping, lifecycle=LIFECYCLE, store=store)
    if report.problems:
        raise SystemExit(f"{report.problems[0]}")
    return perf_counter() - began


def read_feed(store: Store) -> float:
    """
    Return the microseconds a fact that reading the whole feed takes.
    """
    began, cursor, count = perf_counter(), "", 0
    while (page := store.feed(cursor)).facts:
        count, cursor = count + len(page.facts), page.cursor
    return 1e6 * (perf_counter() - began) / count


def read_histories(store: Store, deals: int) -> float:
    """
    Return the median of the milliseconds that the history of a deal takes.
    """
    pipeline = sf.Pipeline(LIFECYCLE, store=store)
    taken = []
    for number in range(0, deals, max(1, deals // ASKED)):
        began = perf_counter()
        pipeline.history(f"D-{number:06}")
        taken.append(1e3 * (perf_counter() - began))
    return statistics.median(taken)


def main(where: str, deals: int = DEALS) -> None:
    """
    Measure in a directory, and print the tables.
    """
    begin("Bulk work")
    ratios, feeds, histories, seconds = [], [], [], []
    with tempfile.TemporaryDirectory(dir=where) as name:
        folder = Path(name)
        write_deals(folder / "deals.csv", deals)
        for number in range(ROUNDS):
            memory = imported(folder / "deals.csv", MemoryStore())
            with SqliteStore(folder / f"{number}.db") as store:
                taken = imported(folder / "deals.csv", store)
                feeds.append(read_feed(store))
            ratios.append(taken / memory)
            seconds.append((memory, taken))
            with JournalStore(folder / f"{number}") as journal:
                imported(folder / "deals.csv", journal)
                histories.append(read_histories(journal, deals))
    memory, taken = min(seconds)
    table(
        f"import of {deals:,} deals",
        ("store", "seconds"),
        [("MemoryStore", f"{memory:.2f}"), ("SqliteStore", f"{taken:.2f}")],
    )
    table(
        "bars",
        LIMIT_HEAD,
        [
            limit("import into SqliteStore / MemoryStore", min(ratios), most=4),
            limit("µs a fact, the whole feed of SqliteStore", min(feeds), most=35),
            limit("ms, history of a deal in JournalStore after an import", min(histories), most=1),
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", *map(int, sys.argv[2:]))
