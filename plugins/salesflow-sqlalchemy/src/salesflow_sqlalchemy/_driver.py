"""
The connections of a store with its own engine: a single statement goes directly to the driver.

A move is two such statements. What SQLAlchemy does around each of them takes longer than what the
driver does, so it writes a statement once, and its connections stay open between the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, LifoQueue
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy import Connection, Engine, TextClause
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import SQLAlchemyError

from salesflow.errors import OutcomeUnknownError, StoreUnavailableError

from ._connections import OwnConnections
from ._errors import all_in_use, of_postgres, translated


T = TypeVar("T")

_MOST: Final = 15  # connections, as many as an engine opens by default
_PATIENCE: Final = 30.0  # seconds, for one of them


@attrs.frozen
class _Line:
    """
    A connection to the server, and the driver's cursor on it.
    """

    connection: Connection
    cursor: Any

    def switch(self, level: IsolationLevel) -> None:
        """
        Begin transactions of this level from now on, or none.
        """
        self.connection.dialect.set_isolation_level(self.cursor.connection, level)

    def settled(self, *, switched: bool) -> bool:
        """
        Leave any transaction, and go back to AUTOCOMMIT if *switched*; return whether the connection is good.
        """
        with suppress(SQLAlchemyError, self.connection.dialect.loaded_dbapi.Error):
            self.connection.rollback()
            if switched and not self.connection.invalidated:
                self.switch("AUTOCOMMIT")
            return not self.connection.invalidated
        return False

    def cut(self) -> None:
        """
        Close the connection, whatever state it is in.
        """
        self.cursor.connection.close()
        self.connection.invalidate()
        self.connection.close()


class DriverConnections(OwnConnections):
    """
    Connections to PostgreSQL that nobody else has.

    They belong to no thread; the connection that was used last is used next.

    Args:
        engine: gives connections in AUTOCOMMIT, and keeps none.
    """

    dialect = "postgresql"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._refused = engine.dialect.loaded_dbapi.Error
        self._texts: dict[TextClause, str] = {}
        self._closed = False
        self._lines: LifoQueue[_Line | None] = LifoQueue()  # an empty place may be filled with a new connection
        for _ in range(_MOST):
            self._lines.put(None)

    def read(self, work: Callable[[Connection], T]) -> T:
        return self._asked(work, None)

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        return self._asked(work, "REPEATABLE READ")

    def _asked(self, work: Callable[[Connection], T], level: IsolationLevel | None) -> T:
        """
        Read, and once more over a new connection if the idle connection had died meanwhile.
        """
        with suppress(StoreUnavailableError), self._lent(level) as connection, translated():
            return work(connection)
        with self._lent(level) as connection, translated():
            return work(connection)

    def write(self, work: Callable[[Connection], T], *, key: str | None = None, single: bool = False) -> T:
        if single:
            with self._lent() as connection, translated(key=key, unknown=True):
                return work(connection)
        return super().write(work, key=key)

    @contextmanager
    def transaction(self, *, key: str | None = None) -> Generator[Connection]:
        with self._lent("READ COMMITTED") as connection:
            yield connection
            with translated(key=key, unknown=True):
                connection.commit()

    def first(
        self, statement: TextClause, values: Mapping[str, Any], *, key: str | None = None, writes: bool = False
    ) -> Sequence[Any] | None:
        text = self._texts.get(statement) or self._text(statement)
        line = self._taken()
        whole = False
        try:
            row: Sequence[Any] | None = line.cursor.execute(text, values).fetchone()
            whole = True
        except self._refused as error:
            found = of_postgres(error, lost=line.cursor.connection.closed, key=key, unknown=writes)
            whole = not isinstance(found, (OutcomeUnknownError, StoreUnavailableError))
        else:
            return row
        finally:
            self._give_back(line, whole=whole)
        # A traceback that is logged must not show the statement and its values.
        raise found from None

    def close(self) -> None:
        self._closed = True
        self._hang_up()

    def _text(self, statement: TextClause) -> str:
        """
        Return a statement as the driver takes it.
        """
        text = self._texts[statement] = str(statement.compile(dialect=self._engine.dialect))
        return text

    @contextmanager
    def _lent(self, level: IsolationLevel | None = None) -> Generator[Connection]:
        """
        Lend a connection, in a transaction of this level or in none.
        """
        line = self._taken()
        try:
            if level is not None:
                self._switched(line, level)
            yield line.connection
        finally:
            self._give_back(line, whole=line.settled(switched=level is not None))

    def _switched(self, line: _Line, level: IsolationLevel) -> None:
        try:
            line.switch(level)
        except self._refused as error:
            raise of_postgres(error, lost=line.cursor.connection.closed, key=None, unknown=False) from None

    def _taken(self) -> _Line:
        try:
            line = self._lines.get(timeout=_PATIENCE)
        except Empty:
            raise all_in_use() from None
        if line is None:
            try:
                line = self._new()
            except BaseException:
                self._lines.put(None)
                raise
        return line

    def _new(self) -> _Line:
        with translated():
            connection = self._engine.connect()
        driver: Any = connection.connection.driver_connection
        # A pool would close what a forked child drops, and tell the server so over the parent's line.
        connection.detach()
        return _Line(connection, driver.cursor())

    def _give_back(self, line: _Line, *, whole: bool) -> None:
        if not whole:
            line.cut()
        self._lines.put(line if whole else None)
        if self._closed or not whole:
            self._hang_up()  # a server that went took the others as well

    def _hang_up(self) -> None:
        """
        Close every connection that is not in use.
        """
        idle: list[_Line | None] = []
        with suppress(Empty):
            while True:
                idle.append(self._lines.get_nowait())
        for line in idle:
            if line is not None:
                line.cut()
            self._lines.put(None)
