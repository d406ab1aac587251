"""
The medium that durable work is measured on: how long a sync takes there, and whether a ratio means anything.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from time import perf_counter_ns
from typing import Final


SLOW_ENOUGH: Final = 150.0
"""Microseconds; on a medium that syncs faster, the ratio measures Python and has no bar."""


class RawFile:
    """
    A file that is appended to and synced, and notes how long that took.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        self.appended: list[float] = []
        self.synced: list[float] = []

    def append(self, data: bytes) -> None:
        """
        Append and sync.
        """
        began = perf_counter_ns()
        os.write(self._file, data)
        written = perf_counter_ns()
        os.fdatasync(self._file)
        ended = perf_counter_ns()
        self.appended.append((ended - began) / 1000)
        self.synced.append((ended - written) / 1000)

    @property
    def sync(self) -> float:
        """
        The median sync, in microseconds.
        """
        return statistics.median(self.synced)


def sync_time(folder: Path) -> float:
    """
    Return what a small append takes to sync in a folder, in microseconds.
    """
    raw = RawFile(folder / "sync")
    for _ in range(200):
        raw.append(b"x" * 400)
    return raw.sync


def on_medium(rows: list[tuple[str, ...]], sync: float) -> list[tuple[str, ...]]:
    """
    Return the rows of bars; without the bars, and saying why, where syncing is too fast for them.
    """
    print(f"\n  The median fdatasync takes {sync:.0f} µs here.")
    if sync >= SLOW_ENOUGH:
        return rows
    print(f"  That is less than {SLOW_ENOUGH:.0f} µs: the ratios say how fast Python is, and no bar applies.")
    return [(*row[:2], *("" for _ in row[3:]), "no bar here") for row in rows]
