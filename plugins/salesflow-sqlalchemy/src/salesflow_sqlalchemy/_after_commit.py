"""
Calls functions once the host's transaction is committed, and never if it is rolled back.

SQLAlchemy says that a connection is about to commit, and not that it has. So the calls wait for what comes next
on it: a new transaction, or the way back into its pool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext


_COMMITTED: Final = "salesflow committed"
# SQLAlchemy knows listeners by the ids of their pools, and a later pool may have the id of one that is gone. What an
# engine's pool has, it passes on to the pool that replaces it.
_WATCHED: Final[WeakSet[Engine]] = WeakSet()


class AfterCommit:
    """
    The calls that wait for the commit of a host's connection.
    """

    def __init__(self, connection: Connection) -> None:
        self._kept: list[tuple[int, Callable[[], object]]] = []
        self._savepoint = 0  # the number of the last that was released
        self._info = connection.info
        event.listen(connection, "release_savepoint", self._released)
        event.listen(connection, "rollback_savepoint", self._rolled_back_to)
        event.listen(connection, "rollback", self._rolled_back)
        event.listen(connection, "commit", self._committing)
        event.listen(connection, "begin", self._begun)
        engine = connection.engine
        if engine not in _WATCHED:
            event.listen(engine.pool, "checkin", _returned)
            event.listen(engine, "handle_error", _failed)
            _WATCHED.add(engine)

    def keep(self, call: Callable[[], object]) -> None:
        """
        Keep *call*, which belongs to what was written behind the savepoint that was released last.
        """
        self._kept.append((self._savepoint, call))

    def _released(self, _connection: Connection, name: str, _context: object) -> None:
        self._savepoint = _number(name)

    def _rolled_back_to(self, _connection: Connection, name: str, _context: object) -> None:
        self._kept = [(number, call) for number, call in self._kept if number < _number(name)]

    def _rolled_back(self, _connection: Connection) -> None:
        self._kept.clear()
        self._info.pop(_COMMITTED, None)  # a commit that failed is rolled back

    def _committing(self, _connection: Connection) -> None:
        calls, self._kept = [call for _, call in self._kept], []
        if calls:
            self._info.setdefault(_COMMITTED, []).extend(calls)

    def _begun(self, _connection: Connection) -> None:
        _call_all(self._info)


def _number(name: str) -> int:
    return int(name.rpartition("_")[2])  # SQLAlchemy counts the savepoints of a connection


def _returned(_connection: Any, record: Any) -> None:
    _call_all(record.info)


def _failed(context: ExceptionContext) -> None:
    if context.connection is not None:
        context.connection.info.pop(_COMMITTED, None)  # it was the commit


def _call_all(info: dict[Any, Any]) -> None:
    for call in info.pop(_COMMITTED, ()):
        call()
