"""
A SQLite file: its connections, their settings, and what values are bound as.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection, Cursor
from threading import get_ident
from typing import Any, Final, TypeVar

from ...errors import (
    ForkedHandleError,
    InputError,
    OutcomeUnknownError,
    StoreBusyError,
    StoreClosedError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    UnsupportedError,
    say,
)
from .._batches import CHUNK, Batches
from .._file_systems import check_place, gone, unavailable
from .._write_lock import WriteLock
from .errors import store_error
from .schema import LEDGER, migrate


T = TypeVar("T")

LARGEST: Final = 2**63 - 1
"""What a whole number of SQLite goes up to."""

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)
_OLDEST: Final = (3, 37, 0)  # the first with STRICT tables
_FULL: Final = 2  # what ``PRAGMA synchronous`` answers
_PAGES: Final = 1000  # of the write-ahead log, before they are brought into the database
_LONGEST_LOG: Final = 64 * 1024 * 1024  # bytes that its file keeps after that

_BOTH: Final = (
    ("PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"),
    ("PRAGMA synchronous = FULL", "PRAGMA synchronous", _FULL),
    ("PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", 1),
    ("PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", 0),
)
# SQLite brings its log into the database at the end of a commit, so behind our lock; readers
# never do.
WRITER: Final = (
    *_BOTH,
    ("PRAGMA wal_autocheckpoint = 1000", "PRAGMA wal_autocheckpoint", _PAGES),
    ("PRAGMA journal_size_limit = 67108864", "PRAGMA journal_size_limit", _LONGEST_LOG),
)
READER: Final = (
    *_BOTH,
    ("PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint", 0),
    ("PRAGMA query_only = ON", "PRAGMA query_only", 1),
)


def micros(at: datetime) -> int:
    """
    Return an aware time as microseconds since 1970.
    """
    return (at - _START) // _TICK


def moment(number: int) -> datetime:
    """
    Read what :func:`micros` wrote.
    """
    return _START + number * _TICK


def bound(text: str) -> str | bytes:
    """
    Return a text as it is handed to SQLite; one that no database can hold equals nothing there.
    """
    try:
        if not text.isascii():
            text.encode()
    except AttributeError:
        raise InputError("text to look for", text, say("input.text")) from None
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")
    return text


def connect(name: str, timeout: float, settings: tuple[tuple[str, str, Any], ...]) -> Connection:
    """
    Return a connection whose settings were read back.

    Args:
        timeout: seconds to wait for whoever does not queue at our lock.

    Raises:
        UnsupportedError: the database did not take a setting, so it would not keep our promises.
        sqlite3.Error: whatever else SQLite says.
    """
    connection = _opened(name, timeout)
    try:
        refused = _refused(connection, settings)
    except BaseException:
        connection.close()
        raise
    if refused is not None:
        connection.close()
        raise UnsupportedError(f"{refused} (database {name!r})")
    return connection


def _refused(connection: Connection, settings: tuple[tuple[str, str, Any], ...]) -> str | None:
    for statement, question, wanted in settings:
        connection.execute(statement).fetchall()
        if connection.execute(question).fetchone() != (wanted,):
            return statement.removeprefix("PRAGMA ")
    return None


def _opened(name: str, timeout: float) -> Connection:
    # SQLite never makes the file: one that was removed meanwhile shall not come back empty.
    place = f"{Path(name).as_uri()}?mode=rw"
    return sqlite3.connect(place, timeout=timeout, isolation_level=None, check_same_thread=False, uri=True)


def prepare_file(path: str | os.PathLike[str], *, create: bool) -> str:
    """
    Return the real path of a database, its file made for its owner alone if there is none and *create* allows it.

    Raises:
        InputError: the path can be no database, everybody may write to it, it is on a network file system, or it
            is no store yet and *create* is false.
        StoreUnavailableError: the system does not let us make it or look at it.
        UnsupportedError: the SQLite of this Python is too old.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise UnsupportedError(f"STRICT tables; SQLite {sqlite3.sqlite_version} is older than 3.37")
    given = os.fspath(path)
    if given == ":memory:":
        raise InputError("path of a database", given, say("input.database"))
    name = check_place("path of a database", given, create=create)
    try:
        if create and not Path(name).exists():
            # Only a missing file is opened: closing an existing file would drop SQLite's own locks.
            with suppress(FileExistsError):
                os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        mode = Path(name).stat().st_mode
    except OSError as error:
        raise unavailable(name, error) from None
    if not stat.S_ISREG(mode):
        raise InputError("path of a database", given, say("input.no_file"))
    if not create and not _has_tables(name):
        raise InputError("path of a database", given, say("input.no_projects"))
    return name


def _has_tables(name: str) -> bool:
    try:
        with closing(_opened(name, timeout=30)) as connection:
            return connection.execute(LEDGER).fetchone() is not None
    except sqlite3.Error as error:
        raise store_error(error, name) from error


class Database:
    """
    One connection that writes, and as many that read as there are readers at once.

    Args:
        timeout: seconds that a writer waits for others.
        create: whether the file and its tables are made if they are not there.

    Attributes:
        name: the path of the file.
        batches: which threads are in a batch.
        broken: why nothing more is written, if so; commits of a batch that their thread has seen may be lost then.
    """

    def __init__(self, path: str | os.PathLike[str], timeout: float, *, create: bool) -> None:
        if not timeout >= 0:
            raise InputError("timeout", timeout, say("input.timeout"))
        self.name: Final = prepare_file(path, create=create)
        self._parts = self.name, f"{self.name}-wal", f"{self.name}-shm"  # a commit stands in any of them
        self._identity: list[tuple[int, int]] | None = None
        self._timeout = timeout
        self.batches: Final = Batches(self._waits, self.write_out)
        self._chunk: int | None = None  # the thread whose batch has a transaction open
        self._size = 0  # its commits so far
        self._closed = False
        self.broken: str | None = None
        self._idle: deque[Cursor] = deque()
        with ExitStack() as stack:
            self._lock = WriteLock(f"{self.name}.wlock", timeout, self.check_open)
            stack.callback(self._lock.withdraw)
            with self._lock:
                self._connection = self._connected(WRITER)
                stack.callback(self._connection.close)
                self._writer = self._connection.cursor()
                self._transact(lambda cursor: migrate(cursor, self.name), None)
                self._identity = self._found()
            stack.pop_all()

    def _found(self) -> list[tuple[int, int]] | None:
        try:
            return [(part.st_dev, part.st_ino) for part in map(os.stat, self._parts)]
        except OSError:
            return None

    def _check_there(self) -> None:
        if self._identity is not None and self._found() != self._identity:
            raise gone(self.name)

    def _connected(self, settings: tuple[tuple[str, str, Any], ...]) -> Connection:
        try:
            return connect(self.name, self._timeout, settings)
        except sqlite3.Error as error:
            raise store_error(error, self.name) from error

    def check_open(self) -> None:
        """
        Raise ``StoreClosedError`` or ``ForkedHandleError`` unless the handle may be used.
        """
        if self._closed:
            raise StoreClosedError
        if self._lock.inherited:  # cheaper than asking for the process every time
            raise ForkedHandleError

    def read(self, run: Callable[[Cursor], T]) -> T:
        """
        Return what *run* reads; one statement sees one state of the database. In a batch it sees the batch.
        """
        self.check_open()
        if self._waits():
            with self._lock.threads:
                if self._waits():  # another thread may have written it out
                    return self._run(self._writer, run)
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = self._connected(READER).cursor()
            self._check_there()  # else it would read another file than the one that was opened
        try:
            return self._run(cursor, run)
        finally:
            self._idle.append(cursor)
            if self._closed:
                self._close_idle()

    def _run(self, cursor: Cursor, run: Callable[[Cursor], T]) -> T:
        try:
            return run(cursor)
        except sqlite3.Error as error:
            raise store_error(error, self.name) from error

    def glance(self, statement: str, asked: tuple[Any, ...]) -> Any:
        """
        Return the row that a quick statement finds: on the connection that writes, unless it is writing.

        Every commit makes the other connections read their pages again.
        """
        if self.broken is not None or not self._lock.threads.acquire(blocking=False):
            # A broken one may still see what it could not undo.
            return self.read(lambda cursor: cursor.execute(statement, asked).fetchone())
        try:
            self.check_open()
            if self._chunk is None or self._waits():
                row = self._writer.execute(statement, asked).fetchone()
                if row is None and self._chunk is None:
                    self._check_there()  # else what was moved away would be said never to have been there
                return row
        except sqlite3.Error as error:
            raise store_error(error, self.name) from error
        finally:
            self._lock.threads.release()
        # The batch of another thread is nobody else's to see.
        return self.read(lambda cursor: cursor.execute(statement, asked).fetchone())

    def write(self, run: Callable[[Cursor], T], key: str | None = None) -> T:
        """
        Return what *run* returns, once everything it wrote is durable; if it raises, nothing is written.

        In a batch it is durable at the latest when the batch ends. What waits of the batch of another thread
        is written first.

        Args:
            key: named by the error if the outcome is unknown.
        """
        with self._lock:
            if self.broken is not None:
                raise StoreFailedError(say("store.broken", broken=self.broken))
            if self._chunk is not None and not self._waits():
                self._end_chunk()
            if self.batches.running and self.batches.entered:
                return self._add(run)
            return self._transact(run, key)

    def _waits(self) -> bool:
        return self._chunk is not None and self._chunk == get_ident()

    def write_out(self) -> None:
        """
        Make durable what waits of the batch of the calling thread.
        """
        if self._waits():
            with self._lock:
                if self._waits():
                    self._end_chunk()

    def _add(self, run: Callable[[Cursor], T]) -> T:
        """
        Return what *run* returns; what it wrote waits in the transaction of a batch, behind a savepoint.
        """
        cursor = self._writer
        try:
            if self._chunk is None:
                cursor.execute("BEGIN IMMEDIATE")
                self._chunk, self._size, self._lock.kept = get_ident(), 0, True
            cursor.execute("SAVEPOINT one")
            answer = run(cursor)
            cursor.execute("RELEASE one")
        except BaseException as error:
            self._undo_one()
            if isinstance(error, sqlite3.Error):
                raise store_error(error, self.name) from error
            raise
        self._size += 1
        if self._size == CHUNK:
            self._end_chunk()
        return answer

    def _undo_one(self) -> None:
        if self._chunk is None:
            return
        try:
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
        except sqlite3.Error:  # some failures of the medium end the whole transaction
            self._lose_chunk()

    def _end_chunk(self) -> None:
        try:
            self._check_there()
            self._writer.execute("COMMIT")
        except BaseException as error:
            self._lose_chunk()
            if isinstance(error, sqlite3.Error):
                raise store_error(error, self.name) from error
            raise
        self._chunk, self._lock.kept = None, False

    def _lose_chunk(self) -> None:
        self._chunk, self._lock.kept = None, False
        if self._connection.in_transaction:
            self._roll_back()
        self.broken = "A batch could not be written."

    def _transact(self, run: Callable[[Cursor], T], key: str | None) -> T:
        cursor = self._writer
        try:
            try:
                cursor.execute("BEGIN IMMEDIATE")
                answer = run(cursor)
                self._check_there()
            except sqlite3.Error as error:
                raise store_error(error, self.name) from error
            try:
                cursor.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._undecided(error, key) from error
            return answer
        finally:
            if self._connection.in_transaction:
                self._roll_back()

    def _undecided(self, error: sqlite3.Error, key: str | None) -> StoreError:
        meaning = store_error(error, self.name)
        if isinstance(meaning, (StoreBusyError, StoreFullError)):
            return meaning  # the last page, which makes a commit count, was not written
        self.broken = f"A commit to database {self.name!r} could not be brought to its medium."
        return OutcomeUnknownError(key)

    def _roll_back(self) -> None:
        try:
            self._writer.execute("ROLLBACK")
        except sqlite3.Error:
            self.broken = f"A transaction of database {self.name!r} could not be undone."

    def close(self) -> None:
        """
        Give the file and the lock back; closing twice is harmless.

        A forked child leaves the connections of its parent alone.
        """
        if self._lock.inherited:
            self._closed = True
            return
        with self._lock.threads:
            if self._closed:
                return
            try:
                if self._chunk is not None:
                    self._end_chunk()
            finally:
                self._closed = True
                self._close_idle()
                self._connection.close()
                self._lock.close()

    def _close_idle(self) -> None:
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().connection.close()
