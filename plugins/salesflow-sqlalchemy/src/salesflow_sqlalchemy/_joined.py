"""
The host's connection, inside the host's transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from salesflow.errors import InputError, in_two_languages

from ._after_commit import AfterCommit
from ._connections import Connections
from ._errors import translated
from ._url import check_dialect


T = TypeVar("T")


class JoinedConnection(Connections):
    """
    The host's connection, inside the host's transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self.dialect = check_dialect(connection.engine)
        self._connection = connection
        self._after_commit = AfterCommit(connection)

    def _begun(self) -> Connection:
        """
        Return the connection, in a transaction that only the host ends.
        """
        connection = self._connection
        driver: Any = connection.connection.driver_connection
        if self.dialect == "sqlite":
            # Python's driver begins when something is written. A savepoint before that would
            # be a transaction of its own, and its release a commit.
            if not driver.in_transaction and driver.isolation_level is not None:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            automatic = not driver.in_transaction
        else:
            automatic = bool(driver.autocommit)
        if automatic:
            hint = in_two_languages(
                "A connection in AUTOCOMMIT has no transaction to join; use one of engine.begin().",
                "处于 AUTOCOMMIT 的连接没有可加入的事务；请使用 engine.begin() 的连接。",
            )
            raise InputError("connection", "AUTOCOMMIT", hint)
        return connection

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until the host has committed; what the host rolls back, whole or to a savepoint, is never called.
        """
        self._after_commit.keep(call)
        return True

    def read(self, work: Callable[[Connection], T]) -> T:
        with translated():
            return work(self._connection)

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        return self.read(work)

    def write(self, work: Callable[[Connection], T], *, key: str | None = None, single: bool = False) -> T:
        del key, single  # the host commits, and hears about it
        with translated():
            connection = self._begun()
            with connection.begin_nested():
                return work(connection)

    def close(self) -> None:
        """
        Do nothing; the connection is the host's.
        """
