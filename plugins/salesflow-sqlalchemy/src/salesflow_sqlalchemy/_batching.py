"""
The connection of a batch: what a thread commits waits in one transaction, each commit behind a savepoint.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from salesflow.errors import StoreFailedError, in_two_languages
from salesflow.stores.adapting import CHUNK

from ._connections import Connections, OwnConnections
from ._errors import translated


T = TypeVar("T")


class BatchConnections(Connections):
    """
    The connections of a store for a thread in a batch; its transaction begins with the first commit.
    """

    def __init__(self, outer: OwnConnections) -> None:
        self.dialect = outer.dialect
        self._outer = outer
        self._open: tuple[AbstractContextManager[Connection], Connection] | None = None
        self._size = 0
        self._lost = False

    @property
    def waits(self) -> bool:
        """
        Whether there are commits that are not durable yet.
        """
        return self._open is not None

    def read(self, work: Callable[[Connection], T]) -> T:
        if self._open is None:
            return self._outer.read(work)
        with translated():
            return work(self._open[1])

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        return self.outside().snapshot(work)

    def write(self, work: Callable[[Connection], T], *, key: str | None = None, single: bool = False) -> T:
        del key, single  # it is durable with the others
        if self._lost:
            raise StoreFailedError(
                in_two_languages(
                    "A batch could not be written. Open the store again to see what it has.",
                    "一批写入未能完成。请重新打开存储，查看其中已有的内容。",
                )
            )
        connection = self._begun()
        try:
            with translated():
                connection.exec_driver_sql("SAVEPOINT one")
                result = work(connection)
                connection.exec_driver_sql("RELEASE SAVEPOINT one")
        except BaseException as error:
            self._undo_one(connection, error)
            raise
        self._size += 1
        if self._size == CHUNK:
            self.write_out()
        return result

    def _begun(self) -> Connection:
        if self._open is None:
            transaction = self._outer.transaction()
            self._open, self._size = (transaction, transaction.__enter__()), 0
        return self._open[1]

    def _undo_one(self, connection: Connection, error: BaseException) -> None:
        try:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
            connection.exec_driver_sql("RELEASE SAVEPOINT one")
        except SQLAlchemyError:  # the connection is gone, and what waited with it
            self._end(error)

    def _end(self, error: BaseException | None = None) -> None:
        if self._open is not None:
            (transaction, _), self._open = self._open, None
            self._lost = True
            transaction.__exit__(None if error is None else type(error), error, None)
            self._lost = error is not None

    def write_out(self) -> None:
        """
        Make durable what waits.
        """
        self._end()

    def outside(self) -> Connections:
        self.write_out()
        return self._outer

    def close(self) -> None:
        """
        Do nothing; the connections are the store's.
        """
