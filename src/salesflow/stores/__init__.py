"""
Where facts are kept: in memory, in a journal of files, or in a SQLite file.

All fulfil :class:`salesflow.typing.Store`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._copy import copy_facts
from ._journal.recovery import Recovered
from ._journal.store import JournalStore
from ._memory.store import MemoryStore


if TYPE_CHECKING:
    from ._sqlite.store import SqliteStore


__all__ = ["JournalStore", "MemoryStore", "Recovered", "SqliteStore", "copy_facts"]


def __getattr__(name: str) -> Any:
    if name == "SqliteStore":
        from ._sqlite.store import SqliteStore  # noqa: PLC0415 -- loads sqlite3, which not everybody needs

        globals()[name] = SqliteStore  # so that this function is asked once
        return SqliteStore
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
