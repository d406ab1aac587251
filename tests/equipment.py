"""
What many tests run on: a clock that they set, and each store of the library.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from salesflow.stores import JournalStore, MemoryStore, SqliteStore


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
STORES: dict[str, Any] = {
    "memory": lambda _: MemoryStore(),
    "journal": lambda folder: JournalStore(folder / "sales"),
    "sqlite": lambda folder: SqliteStore(folder / "sales.db"),
}
"""What makes a store of each kind in a folder."""


class Clock:
    """A clock that stands until it is told the time, and counts how often it was read."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return self.now

    def later(self, by: timedelta = HOUR) -> datetime:
        self.now += by
        return self.now
