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
    in_two_languages,
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
        return StoreCorruptError(
            f"constraint {named!r}",
            in_two_languages(
                "heads and facts do not fit together; see check(deep=True)",
                "最新状态与事实记录互相不符；请查看 check(deep=True)",
            ),
        )
    if state in _BUSY:
        return StoreBusyError(
            in_two_languages(
                f"the database gave up waiting for others ({state}). Try again; nothing was written.",
                f"数据库等待其他写入者超时（{state}）。没有写入任何内容，请重试。",
            )
        )
    if state in _FULL:
        return StoreFullError(
            in_two_languages(
                f"the database has no room ({state}). Make some; nothing was written.",
                f"数据库空间不足（{state}）。没有写入任何内容，请腾出空间。",
            )
        )
    lost = lost or state in _CUT
    if lost and unknown:
        return OutcomeUnknownError(key)
    if lost or not state or state.startswith(_AWAY):
        told = state or type(error).__name__
        return StoreUnavailableError(
            in_two_languages(
                f"the database cannot be reached or hung up ({told}). Nothing was written.",
                f"无法连接数据库，或连接已中断（{told}）。没有写入任何内容。",
            )
        )
    return StoreError(
        in_two_languages(
            f"the database refused a statement ({state}). Nothing was written; its log says why.",
            f"数据库拒绝了一条语句（{state}）。没有写入任何内容；原因见数据库日志。",
        )
    )


def all_in_use() -> StoreBusyError:
    """
    Return the error for a commit that got no connection in time.
    """
    return StoreBusyError(
        in_two_languages(
            "every connection is in use. Try again, or hand in an engine with a larger pool.",
            "所有连接都在使用中。请重试，或传入连接池更大的 engine。",
        )
    )


def _of_sqlite(driver: sqlite3.Error, *, key: str | None, unknown: bool) -> SalesflowError:
    name = getattr(driver, "sqlite_errorname", None) or type(driver).__name__
    code = (getattr(driver, "sqlite_errorcode", None) or 0) & 0xFF  # the higher bits only go into detail
    if code in _SQLITE_BUSY:
        return StoreBusyError(
            in_two_languages(
                f"another writer held the database for too long ({name}). Nothing was written.",
                f"数据库被其他写入者占用过久（{name}）。没有写入任何内容。",
            )
        )
    if code in _SQLITE_FULL:
        return StoreFullError(
            in_two_languages(
                f"the medium of the database is full ({name}). Make room; nothing was written.",
                f"数据库所在介质已满（{name}）。没有写入任何内容，请腾出空间。",
            )
        )
    if code in _SQLITE_BROKEN:
        return StoreCorruptError(
            "the database file",
            in_two_languages(f"SQLite does not recognise it ({name})", f"SQLite 无法识别该文件（{name}）"),
        )
    if code in _SQLITE_AWAY:
        return StoreUnavailableError(
            in_two_languages(
                f"the database file cannot be opened for writing ({name}). Nothing was written.",
                f"无法以写入方式打开数据库文件（{name}）。没有写入任何内容。",
            )
        )
    if unknown and code == sqlite3.SQLITE_IOERR:
        return OutcomeUnknownError(key)
    return StoreError(
        in_two_languages(
            f"SQLite refused a statement ({name}). Nothing was written.",
            f"SQLite 拒绝了一条语句（{name}）。没有写入任何内容。",
        )
    )
