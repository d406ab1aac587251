"""
What the errors of SQLite mean.
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
)


_BUSY: Final = "somebody held the database for too long; nothing was written. Try again."
_NO_ROOM: Final = (
    "the medium takes no more: it is full, or a quota or limit is reached. "
    "Nothing was written; make room and try again."
)
_FAILED: Final = "reading or writing failed. Close the store and look at the medium."
AWAY: Final = "the file cannot be opened, or not be written. Look at its path and permissions."
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
    sqlite3.SQLITE_NOTADB: "it is no SQLite database, or its beginning is damaged",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_CONSTRAINT: "facts, heads and positions in it do not fit together",
}


def store_error(error: sqlite3.Error, name: str) -> StoreError:
    """
    Return what an error of SQLite means, judged by its code; its text may hold anything.
    """
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF
    if primary in _DAMAGED:
        return StoreCorruptError(name, _DAMAGED[primary])
    kind, text = _MEANINGS.get(code) or _MEANINGS.get(primary) or (StoreError, "SQLite refused.")
    called: str = getattr(error, "sqlite_errorname", type(error).__name__)
    return kind(f"database {name!r}: {text} ({called})")
