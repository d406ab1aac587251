"""
The connections of a store: where statements run, on PostgreSQL and on SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, TextClause

from salesflow.errors import InputError, StoreError, in_two_languages
from salesflow.stores.adapting import WriteLock, check_place, gone, identity, unavailable

from ._errors import translated


T = TypeVar("T")

_PATIENCE: Final = 30.0  # seconds, for other writers


class Connections(Protocol):
    """
    What a store runs its statements on.
    """

    dialect: str

    def read(self, work: Callable[[Connection], T]) -> T:
        """
        Run statements of which each sees what is committed by then.
        """
        ...

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        """
        Run statements that all see the same.
        """
        ...

    def write(self, work: Callable[[Connection], T], *, key: str | None = None, single: bool = False) -> T:
        """
        Run statements of which all or none count.

        Args:
            key: of the commit.
            single: *work* is one statement, which is a transaction of its own.
        """
        ...

    def outside(self) -> Connections:
        """
        Return the connections that see what others see, once what waits of a batch is written.
        """
        return self

    def first(
        self, statement: TextClause, values: Mapping[str, Any], *, key: str | None = None, writes: bool = False
    ) -> Sequence[Any] | None:
        """
        Run one statement that returns rows, alone, and return its first row or ``None``.

        Args:
            key: of the commit.
            writes: whether it changes anything.
        """
        if writes:
            return self.write(lambda connection: connection.execute(statement, values).first(), key=key, single=True)
        return self.read(lambda connection: connection.execute(statement, values).first())

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until what was written is durable; ``False`` where it is so at once.
        """
        del call
        return False

    def close(self) -> None:
        """
        Give back what was taken.
        """
        ...


class OwnConnections(Connections, Protocol):
    """
    Connections that end their transactions themselves.
    """

    def write(self, work: Callable[[Connection], T], *, key: str | None = None, single: bool = False) -> T:
        del single
        with self.transaction(key=key) as connection, translated():
            return work(connection)

    def transaction(self, *, key: str | None = None) -> AbstractContextManager[Connection]:
        """
        Return a transaction that is committed at the end of its block, and rolled back if the block raises.

        Args:
            key: of the commit.
        """
        ...


@contextmanager
def _connected(engine: Engine) -> Generator[Connection]:
    with translated():
        connection = engine.connect()
    with connection:
        yield connection


class PostgresConnections(OwnConnections):
    """
    Connections of a host's engine for PostgreSQL; what the host hung on it sees every statement.
    """

    dialect = "postgresql"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._auto = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._commits = engine.execution_options(isolation_level="READ COMMITTED")
        self._snapshots = engine.execution_options(isolation_level="REPEATABLE READ")

    def read(self, work: Callable[[Connection], T]) -> T:
        with _connected(self._auto) as connection, translated():
            return work(connection)

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        with _connected(self._snapshots) as connection, translated():
            return work(connection)

    def write(self, work: Callable[[Connection], T], *, key: str | None = None, single: bool = False) -> T:
        if single:
            with _connected(self._auto) as connection, translated(key=key, unknown=True):
                return work(connection)
        return super().write(work, key=key)

    @contextmanager
    def transaction(self, *, key: str | None = None) -> Generator[Connection]:
        with _connected(self._commits) as connection:
            yield connection
            with translated(key=key, unknown=True):
                connection.commit()

    def close(self) -> None:
        """
        Do nothing; the engine is the host's.
        """


class SqliteConnections(OwnConnections):
    """
    Connections of an engine for SQLite; writers of all processes queue at a lock file beside the database.

    Without the queue, SQLite lets a busy writer overtake the others for seconds. Nothing is read from or written
    to another file than the one that was opened.
    """

    dialect = "sqlite"

    def __init__(self, engine: Engine, *, owned: bool, create: bool) -> None:
        self._owned = owned
        self._engine = engine
        self._auto = engine.execution_options(isolation_level="AUTOCOMMIT")
        if owned:
            _make_private(engine.url, create=create)
        with _connected(self._auto) as connection, translated():
            path = connection.exec_driver_sql("SELECT file FROM pragma_database_list WHERE name = 'main'").scalar()
        if not path:
            raise InputError(
                "database",
                "in memory",
                in_two_languages(
                    "It would end with its connection; name a file.", "内存数据库会随连接一起消失；请指定一个文件。"
                ),
            )
        self._path: str = path
        self._identity = identity(path)
        self._turn = WriteLock(f"{path}.wlock", _PATIENCE, lambda: None)
        try:
            with self._turn, self._settled():
                pass  # switching to WAL is a write
        except BaseException:
            self._turn.withdraw()
            raise

    @contextmanager
    def _settled(self) -> Generator[Connection]:
        if identity(self._path) != self._identity:
            raise gone(self._path)  # before SQLite makes an empty one
        with _connected(self._auto) as connection:
            with translated():
                _settle(connection, f"{self._path}-wal")
            yield connection

    def _check_there(self, connection: Connection) -> None:
        # A commit stands in the log beside the database at first.
        log = connection.info["salesflow"]
        if identity(self._path) != self._identity or identity(f"{self._path}-wal") != log:
            raise gone(self._path)

    def read(self, work: Callable[[Connection], T]) -> T:
        with self._settled() as connection, translated():
            return work(connection)

    def snapshot(self, work: Callable[[Connection], T]) -> T:
        with self._settled() as connection, translated():
            connection.exec_driver_sql("BEGIN")
            try:
                return work(connection)
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def transaction(self, *, key: str | None = None) -> Generator[Connection]:
        with self._turn, self._settled() as connection:
            with translated():
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                self._check_there(connection)
                with translated(key=key, unknown=True):
                    connection.exec_driver_sql("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    def close(self) -> None:
        if self._owned:
            self._engine.dispose()
        self._turn.close()


def _make_private(url: URL, *, create: bool) -> None:
    # SQLite gives the files beside the database the same permissions.
    path = url.database
    if path and path != ":memory:" and not path.startswith("file:"):
        name = check_place("path of a database", path, create=create)
        try:
            Path(name).touch(mode=0o600)
        except OSError as error:
            raise unavailable(name, error) from None


def _in_transaction(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.in_transaction)


def _roll_back(connection: Connection) -> None:
    if _in_transaction(connection):
        connection.exec_driver_sql("ROLLBACK")


def _settle(connection: Connection, log: str) -> None:
    """
    See to it that a connection is in no transaction and that its commits last; note which file its *log* is.
    """
    # A host may have configured its engine to send BEGIN by itself; ours is sent when it is our turn.
    connection.begin()
    _roll_back(connection)
    if "salesflow" in connection.info:
        return
    connection.exec_driver_sql("PRAGMA busy_timeout = 30000")
    journal = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar()
    connection.exec_driver_sql("PRAGMA synchronous = FULL")
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    if (journal, synchronous) != ("wal", 2):
        raise StoreError(
            in_two_languages(
                f"SQLite stays at journal_mode {journal} and synchronous {synchronous}. Use a local file.",
                f"SQLite 的 journal_mode 仍为 {journal}，synchronous 仍为 {synchronous}。请使用本地文件。",
            )
        )
    connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()  # the first statement opens the log
    connection.info["salesflow"] = identity(log)
