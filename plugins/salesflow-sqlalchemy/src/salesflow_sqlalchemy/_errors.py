"""
Translates the errors of drivers to errors of salesflow, by code and constraint, never by message.

No driver's sentence is passed on, because it may hold values or the address with its password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError as PoolTimeoutError

from salesflow.errors import (
    OutcomeUnknownError,
    SalesflowError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)


class KeyTakenError(Exception):
    """
    Somebody stored the same key between our look and our write; nothing was written.
    """


_KEY: Final = "salesflow_key_pkey"
# Serialization failure, deadlock, lock timeout, statement timeout: the server undid everything.
_BUSY: Final = frozenset({"40001", "40P01", "55P03", "57014"})
_FULL: Final = frozenset({"53100"})
# The server tells us that it hangs up; it may have finished before.
_CUT: Final = frozenset({"57P01", "57P02"})
_AWAY: Final = ("08", "28", "3D", "53", "57", "58")
_UNIQUE: Final = "23505"

_SQLITE_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_FULL: Final = frozenset({sqlite3.SQLITE_FULL})
_SQLITE_AWAY: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_SQLITE_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@contextmanager
def translated(*, key: str | None = None, unknown: bool = False) -> Generator[None]:
    """
    Raise the errors of drivers as ours.

    Args:
        key: of the commit, for the message.
        unknown: whether the block may have committed when the connection is lost.

    Raises:
        KeyTakenError: the key is there already.
        StoreError: everything else.
    """
    try:
        yield
    except SQLAlchemyError as error:
        found = _ours(error, key=key, unknown=unknown)
    else:
        return
    # A traceback that is logged must not show the statement and its values.
    raise found from None


def _ours(error: SQLAlchemyError, *, key: str | None, unknown: bool) -> Exception:
    if isinstance(error, PoolTimeoutError):
        return all_in_use()
    driver: Any = getattr(error, "orig", None)
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver, key=key, unknown=unknown)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return of_postgres(driver or error, lost=lost, key=key, unknown=unknown)


def of_postgres(error: Any, *, lost: bool, key: str | None, unknown: bool) -> Exception:
    """
    Return our error for one of the driver for PostgreSQL.

    Args:
        lost: whether the connection is gone.
        key, unknown: see :func:`translated`.
    """
    state = getattr(error, "sqlstate", None) or ""
    if state == _UNIQUE:
        named = error.diag.constraint_name
        if named == _KEY:
            return KeyTakenError()
        return StoreCorruptError(f"constraint {named!r}", "heads and facts do not fit together; see check(deep=True)")
    if state in _BUSY:
        return StoreBusyError(f"the database gave up waiting for others ({state}). Try again; nothing was written.")
    if state in _FULL:
        return StoreFullError(f"the database has no room ({state}). Make some; nothing was written.")
    lost = lost or state in _CUT
    if lost and unknown:
        return OutcomeUnknownError(key)
    if lost or not state or state.startswith(_AWAY):
        told = state or type(error).__name__
        return StoreUnavailableError(f"the database cannot be reached or hung up ({told}). Nothing was written.")
    return StoreError(f"the database refused a statement ({state}). Nothing was written; its log says why.")


def all_in_use() -> StoreBusyError:
    """
    Return the error for a commit that got no connection in time.
    """
    return StoreBusyError("every connection is in use. Try again, or hand in an engine with a larger pool.")


def _of_sqlite(driver: sqlite3.Error, *, key: str | None, unknown: bool) -> SalesflowError:
    name = getattr(driver, "sqlite_errorname", None) or type(driver).__name__
    code = (getattr(driver, "sqlite_errorcode", None) or 0) & 0xFF  # the higher bits only go into detail
    if code in _SQLITE_BUSY:
        return StoreBusyError(f"another writer held the database for too long ({name}). Nothing was written.")
    if code in _SQLITE_FULL:
        return StoreFullError(f"the medium of the database is full ({name}). Make room; nothing was written.")
    if code in _SQLITE_BROKEN:
        return StoreCorruptError("the database file", f"SQLite does not recognise it ({name})")
    if code in _SQLITE_AWAY:
        return StoreUnavailableError(f"the database file cannot be opened for writing ({name}). Nothing was written.")
    if unknown and code == sqlite3.SQLITE_IOERR:
        return OutcomeUnknownError(key)
    return StoreError(f"SQLite refused a statement ({name}). Nothing was written.")
