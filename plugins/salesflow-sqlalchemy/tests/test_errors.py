"""
Errors of drivers, told apart by code and constraint.
"""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pytest
from salesflow_sqlalchemy._errors import KeyTakenError, translated
from sqlalchemy.exc import DBAPIError, InvalidRequestError, TimeoutError as PoolTimeoutError

from salesflow.errors import (
    OutcomeUnknownError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)


class RefusedError(Exception):
    """
    What psycopg raises, as far as it is looked at.
    """

    def __init__(self, sqlstate: str | None, constraint: str | None = None):
        super().__init__("c4nary")
        self.sqlstate = sqlstate
        self.diag = SimpleNamespace(constraint_name=constraint)


def of_sqlite(code: int | None, name: str | None) -> sqlite3.Error:
    """What the driver of SQLite raises."""
    error = sqlite3.OperationalError("c4nary")
    if code is not None:
        error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


@pytest.mark.parametrize(
    ("driver", "lost", "unknown", "expected"),
    [
        (RefusedError("23505", "salesflow_key_pkey"), False, False, KeyTakenError),
        (RefusedError("23505", "salesflow_fact_version"), False, False, StoreCorruptError),
        (RefusedError("40001"), False, True, StoreBusyError),
        (RefusedError("40P01"), False, True, StoreBusyError),
        (RefusedError("55P03"), False, True, StoreBusyError),
        (RefusedError("57014"), False, True, StoreBusyError),
        (RefusedError("53100"), False, True, StoreFullError),
        (RefusedError("57P01"), False, True, OutcomeUnknownError),
        (RefusedError("57P01"), False, False, StoreUnavailableError),
        (RefusedError("57P03"), False, True, StoreUnavailableError),
        (RefusedError("53300"), False, True, StoreUnavailableError),
        (RefusedError("28P01"), False, True, StoreUnavailableError),
        (RefusedError(None), True, True, OutcomeUnknownError),
        (RefusedError(None), True, False, StoreUnavailableError),
        (RefusedError("42P01"), False, True, StoreError),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"), False, True, StoreBusyError),
        (of_sqlite(sqlite3.SQLITE_LOCKED, "SQLITE_LOCKED"), False, True, StoreBusyError),
        (of_sqlite(sqlite3.SQLITE_FULL, "SQLITE_FULL"), False, True, StoreFullError),
        (of_sqlite(sqlite3.SQLITE_NOTADB, "SQLITE_NOTADB"), False, True, StoreCorruptError),
        (of_sqlite(sqlite3.SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY"), False, True, StoreUnavailableError),
        (of_sqlite(sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"), False, True, OutcomeUnknownError),
        (of_sqlite(sqlite3.SQLITE_IOERR_READ, "SQLITE_IOERR_READ"), False, False, StoreError),
        (of_sqlite(None, None), False, False, StoreError),
    ],
    ids=[str(number) for number in range(23)],
)
def test_codes(driver, lost, unknown, expected):
    """
    Each code has its error, which says nothing of what the driver said.
    """
    with pytest.raises(Exception) as caught, translated(key="k-1", unknown=unknown):
        raise DBAPIError("c4nary", {"body": "c4nary"}, driver, connection_invalidated=lost)

    assert expected is type(caught.value)
    assert "c4nary" not in str(caught.value)


def test_no_connection_left():
    """
    A pool with no connection to spare is busy.
    """
    with pytest.raises(StoreBusyError, match="pool"), translated():
        raise PoolTimeoutError


def test_errors_of_sqlalchemy_itself():
    """
    A connection that cannot be used any more is unavailable.
    """
    with pytest.raises(StoreUnavailableError, match="InvalidRequestError"), translated():
        raise InvalidRequestError("c4nary")
