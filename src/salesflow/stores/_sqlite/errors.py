"""
Translates the errors of SQLite to errors of stores.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from ...errors import (
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    StoreUnavailableError,
    say,
)


_BUSY: Final = "sqlite.busy"
_NO_ROOM: Final = "sqlite.full"
_FAILED: Final = "sqlite.failed"
AWAY: Final = "sqlite.away"
_MEANINGS: Final[Mapping[int, tuple[type[StoreError], str]]] = {
    sqlite3.SQLITE_BUSY: (StoreBusyError, _BUSY),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, _BUSY),
    sqlite3.SQLITE_FULL: (StoreFullError, _NO_ROOM),
    # SQLite says "full" for one reason alone; quotas and limits of size come as this.
    sqlite3.SQLITE_IOERR_WRITE: (StoreFullError, _NO_ROOM),
    sqlite3.SQLITE_IOERR: (StoreFailedError, _FAILED),
    sqlite3.SQLITE_CANTOPEN: (StoreUnavailableError, AWAY),
    sqlite3.SQLITE_READONLY: (StoreUnavailableError, AWAY),
    sqlite3.SQLITE_PERM: (StoreUnavailableError, AWAY),
}
_DAMAGED: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_NOTADB: "corrupt.no_database",
    sqlite3.SQLITE_CORRUPT: "corrupt.database",
    sqlite3.SQLITE_CONSTRAINT: "corrupt.unfit",
}


def store_error(error: sqlite3.Error, name: str) -> StoreError:
    """
    Return what an error of SQLite means, judged by its code; its text may hold anything.
    """
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF
    if primary in _DAMAGED:
        return StoreCorruptError(name, say(_DAMAGED[primary]))
    kind, text = _MEANINGS.get(code) or _MEANINGS.get(primary) or (StoreError, "sqlite.refused")
    called: str = getattr(error, "sqlite_errorname", type(error).__name__)
    return kind(say("sqlite", name=name, text=say(text), called=called))
