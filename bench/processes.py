"""
Several processes that move projects of their own in one SQLite file.

Usage: ``python bench/processes.py DIRECTORY [SECONDS] [PROCESSES]``; each figure takes that many seconds, twice.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from itertools import count, cycle
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import _selling
from _timing import LIMIT_HEAD, begin, limit, table

from salesflow.stores import SqliteStore


SECONDS = 3.0
PROCESSES = 8
DEALS = 20
"""Projects of each process."""

_PATIENCE = 120.0  # seconds, until all have started
_SPAWN = multiprocessing.get_context("spawn")


class Run(NamedTuple):
    """
    What some processes did at once.

    Attributes:
        slowest: the fewest moves that one of them made, and the most.
        waits: milliseconds of each move, sorted.
    """

    rate: float
    slowest: tuple[int, int]
    waits: list[float]

    def at(self, share: float) -> float:
        """
        Return the milliseconds that this share of the moves took at most.
        """
        return self.waits[min(int(share * len(self.waits)), len(self.waits) - 1)]


def work(path: Path, seconds: float, start: Any, results: Any) -> None:
    """
    Open some projects, wait for the others, and then rest and resume for a while.
    """
    with SqliteStore(path) as store:
        pipeline = _selling.seller_pipeline(store)
        deals = _selling.open_deals(pipeline, DEALS)
        for deal in deals:
            for trigger in ("qualify", "propose", "negotiate"):
                pipeline.fire(deal, trigger)
        waits: list[float] = []
        start.wait(_PATIENCE)
        now = perf_counter()
        end = now + seconds
        moves = ((deal, trigger) for trigger in cycle(("hold", "resume")) for deal in deals)
        while now < end:
            pipeline.fire(*next(moves))
            before, now = now, perf_counter()
            waits.append(1000 * (now - before))
    results.put(waits)


def run(path: Path, processes: int, seconds: float) -> Run:
    """
    Have some processes work on one file for a while.
    """
    start, results = _SPAWN.Barrier(processes), _SPAWN.Queue()
    started = [_SPAWN.Process(target=work, args=(path, seconds, start, results)) for _ in range(processes)]
    for process in started:
        process.start()
    done: list[list[float]] = [results.get(timeout=_PATIENCE + seconds) for _ in started]
    for process in started:
        process.join()
    moves = [len(waits) for waits in done]
    return Run(sum(moves) / seconds, (min(moves), max(moves)), sorted(wait for waits in done for wait in waits))


def together(runs: list[Run]) -> Run:
    """
    Return several runs as one.
    """
    least, most = min(one.slowest[0] for one in runs), max(one.slowest[1] for one in runs)
    waits = sorted(wait for one in runs for wait in one.waits)
    return Run(sum(one.rate for one in runs) / len(runs), (least, most), waits)


def main(where: str, seconds: float = SECONDS, processes: int = PROCESSES) -> None:
    """
    Print commits a second, and how long they took.
    """
    begin(f"processes: one SQLite file in {where}, {os.cpu_count()} cores for all of them")
    counts = [1, processes] * 2  # in turns
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as folder:
        number = count()
        runs = [(each, run(Path(folder) / f"{next(number)}.db", each, seconds)) for each in counts]
    one, many = (together([run for each, run in runs if each == wanted]) for wanted in (1, processes))
    rows = [
        (
            name,
            f"{these.rate:,.0f}",
            f"{these.slowest[0]:,} to {these.slowest[1]:,}",
            *(f"{these.at(share):.2f}" for share in (0.5, 0.99, 1.0)),
        )
        for name, these in (("1 process", one), (f"{processes} processes", many))
    ]
    head = ("who", "commits/s", "moves of each", "p50 ms", "p99 ms", "longest ms")
    table(f"fire, synchronous=FULL, {seconds:g} s, twice in turns", head, rows)
    limits = [
        limit(f"p99 of {processes} processes, ms", many.at(0.99), most=250),
        limit("longest, ms", many.at(1.0), most=1000),
        limit(f"commits/s, {processes} processes / 1 process", many.rate / one.rate, least=0.6),
    ]
    table("limits", LIMIT_HEAD, limits)


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else ".",
        float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS,
        int(sys.argv[3]) if len(sys.argv) > 3 else PROCESSES,
    )
