"""
Claiming and acknowledging work in batches on ``SqliteStore``, and threads that share one ``JournalStore``.

Usage: ``python bench/work.py DIRECTORY [BATCHES] [FIRES]``; fires are those of each of 32 threads.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

import _selling
from _medium import RawFile, on_medium
from _timing import LIMIT_HEAD, begin, limit, table
from durable import bytes_a_fire

from salesflow._model.project import evolve
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.typing import Append, Commit, DueDeadline


BATCH: Final = 100
BATCHES: Final = 200
PENDING: Final = 20_000
THREADS: Final = 32
FIRES: Final = 25
ROUNDS: Final = 3
LEASE: Final = timedelta(minutes=1)
NOW, LATER = _selling.AT + timedelta(days=1), _selling.AT + timedelta(days=400)


def put_work(store: SqliteStore, due: int, pending: int) -> None:
    """
    Watch some deadlines that have passed, and some that have not, a thousand a commit.
    """
    pipeline = _selling.seller_pipeline(MemoryStore())
    dues = [NOW] * due + [LATER] * pending
    for first in range(0, len(dues), 1000):
        project = pipeline.open("Deal", fields={"amount": 1}, at=_selling.AT)
        (fact,) = pipeline.history(project.id)
        watched = [
            DueDeadline(project.id, number, "lead", "sla", at) for number, at in enumerate(dues[first : first + 1000])
        ]
        store.commit(Commit((Append(0, fact, project),), dues=tuple(watched)))


def acknowledge(store: SqliteStore, batches: int) -> list[float]:
    """
    Return the seconds of each batch that is claimed and finished.
    """
    taken = []
    for _ in range(batches):
        began = perf_counter()
        claims = tuple(store.claim("deadline", owner="worker", limit=BATCH, lease=LEASE, at=NOW))
        store.commit(Commit(done=claims))
        taken.append(perf_counter() - began)
        if len(claims) != BATCH:
            raise SystemExit(f"{len(claims)} of {BATCH} were claimed")
    return taken


def claiming(folder: Path, batches: int) -> None:
    """
    Print how much work a second is claimed and acknowledged.
    """
    with SqliteStore(folder / "work.db") as store:
        put_work(store, batches * BATCH, PENDING)
        taken = acknowledge(store, batches)
        if store.next_due("deadline") != LATER:
            raise SystemExit("work was left")
    row = "claim + acknowledge", f"{1000 * statistics.median(taken):.2f}", f"{1000 * max(taken):.2f}"
    table(f"ms a batch of {BATCH}, {PENDING:,} not due yet", ("SqliteStore", "median", "longest"), [row])
    rate = batches * BATCH / sum(taken)
    table("limits", LIMIT_HEAD, [limit("claimed and acknowledged a second, SqliteStore", rate, least=20_000)])


def shared(count: int, run: Callable[[int], None]) -> float:
    """
    Return the seconds that threads take together; *run* gets the number of each.
    """
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda _: None, range(count)))  # they have started
        began = perf_counter()
        list(pool.map(run, range(count)))
        return perf_counter() - began


def fires(store: JournalStore, each: int) -> float:
    """
    Return moves a second of many threads, each with a project of its own.
    """
    pipeline = _selling.seller_pipeline(store)
    deals = _selling.open_deals(pipeline, THREADS)
    for deal in deals:
        for trigger in ("qualify", "propose", "negotiate"):
            pipeline.fire(deal, trigger)

    def run(number: int) -> None:
        for step in range(each):
            pipeline.fire(deals[number], "resume" if step % 2 else "hold")

    return THREADS * each / shared(THREADS, run)


def commits(store: JournalStore, each: int) -> float:
    """
    Return commits a second of many threads, of moves that were decided before.
    """
    decided: list[list[Commit]] = []
    pipeline = _selling.seller_pipeline(MemoryStore())
    for deal in _selling.open_deals(pipeline, THREADS):
        for trigger in ("qualify", "propose", "negotiate", *["hold", "resume"] * each)[:each]:
            pipeline.fire(deal, trigger)
        project = None
        decided.append([])
        for fact in pipeline.history(deal):
            project = evolve(project, fact)
            decided[-1].append(Commit((Append(fact.version - 1, fact, project),)))
    for opening, *_moves in decided:
        store.commit(opening)

    def run(number: int) -> None:
        for commit in decided[number][1:]:
            store.commit(commit)

    return THREADS * each / shared(THREADS, run)


def sharing(folder: Path, each: int) -> None:
    """
    Print what threads make of one journal, beside one that appends and syncs by hand.
    """
    line = b"x" * bytes_a_fire(folder / "sample")
    raw = RawFile(folder / "raw")
    rates: dict[str, list[float]] = {"raw append + fdatasync, alone": [], "fire": [], "commit": []}
    with JournalStore(folder / "journal") as store:
        for _ in range(ROUNDS):
            began = perf_counter()
            for _ in range(THREADS * each // 4):
                raw.append(line)
            rates["raw append + fdatasync, alone"].append(THREADS * each // 4 / (perf_counter() - began))
            rates["fire"].append(fires(store, each))
            rates["commit"].append(commits(store, each))
    median = {name: statistics.median(found) for name, found in rates.items()}
    rows = [(name, f"{median[name]:,.0f}", f"{max(found):,.0f}") for name, found in rates.items()]
    title = f"a second on JournalStore with {THREADS} threads, {ROUNDS} rounds of {THREADS * each:,}, in turns"
    table(title, ("what", "median", "best"), rows)
    base, *others = median
    limits = [
        limit(f"{name} / raw append, {THREADS} threads", median[name] / median[base], least=2.5) for name in others
    ]
    table("limits", LIMIT_HEAD, on_medium(limits, raw.sync))


def main(where: str, batches: int = BATCHES, each: int = FIRES) -> None:
    """
    Print both.
    """
    begin(f"work: claims and shared journals in {where}")
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as name:
        claiming(Path(name), batches)
        sharing(Path(name), each)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", *map(int, sys.argv[2:4]))
