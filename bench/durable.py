"""
A durable ``fire`` beside a raw append with ``fdatasync`` of as many bytes, one after the other.

Usage: ``python bench/durable.py DIRECTORY``; the directory decides which medium is measured.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter_ns

import _selling
from _deal import WALK
from _medium import RawFile, on_medium
from _timing import BAR_HEAD, bar, begin, table

from salesflow.stores import JournalStore


DEALS = 60


def size_of(folder: Path) -> int:
    """
    Return how many bytes the files of a folder have together.
    """
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def bytes_a_fire(folder: Path) -> int:
    """
    Return how much one fire adds to a journal.
    """
    with closing(JournalStore(folder)) as store:
        (deal,) = _selling.open_deals(_selling.seller_pipeline(store), 1)
    before = size_of(folder)  # a closed journal ends with its last line
    with closing(JournalStore(folder)) as store:
        _selling.fire_walk((_selling.seller_pipeline(store), deal))
    return (size_of(folder) - before) // len(WALK)


def measure(folder: Path) -> tuple[list[float], RawFile, int]:
    """
    Return microseconds a fire, the raw file beside it, and the bytes of a line.
    """
    line = b"x" * bytes_a_fire(folder / "sample")
    raw = RawFile(folder / "raw")
    with closing(JournalStore(folder / "journal")) as store:
        pipeline = _selling.seller_pipeline(store)
        times: list[float] = []
        for deal in _selling.open_deals(pipeline, DEALS):
            for trigger in WALK:
                raw.append(line)
                began = perf_counter_ns()
                pipeline.fire(deal, trigger)
                times.append((perf_counter_ns() - began) / 1000)
    return times, raw, len(line)


def main(where: str) -> None:
    """
    Print what a durable fire costs on the medium of *where*.
    """
    begin(f"durable: fire and sync in {where}")
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as folder:
        times, raw, size = measure(Path(folder))
    append, fire = statistics.median(raw.appended), statistics.median(times)
    rows = [
        ("raw append + fdatasync", f"{append:.1f}", f"{min(raw.appended):.1f}"),
        ("fire, JournalStore", f"{fire:.1f}", f"{min(times):.1f}"),
    ]
    table(f"µs each, {len(times)} lines of {size} bytes, in turns", ("what", "median", "best"), rows)
    ratios = [bar("fire / raw append, medians", fire / append, 1.3, 1.15)]
    table("ratio", BAR_HEAD, on_medium(ratios, raw.sync))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
