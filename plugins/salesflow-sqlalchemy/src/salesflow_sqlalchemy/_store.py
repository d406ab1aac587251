"""
The store: a tenant's facts, heads, keys and work in the tables of a database.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from threading import get_ident
from typing import Any, Final, Literal, Self, TypeAlias, Unpack

from sqlalchemy import URL, Connection, Engine

from salesflow import Fact, Project
from salesflow.errors import (
    ForkedHandleError,
    InputError,
    StoreBusyError,
    StoreClosedError,
    UnsupportedError,
    in_two_languages,
)
from salesflow.stores import adapting
from salesflow.typing import (
    Asked,
    Attempt,
    AttemptPage,
    Capabilities,
    Claim,
    Commit,
    Committed,
    DeadWork,
    Key,
    Page,
    StoreCheck,
    StoredDefinition,
    Work,
    WorkKind,
)

from . import _schema, _sql
from ._batching import BatchConnections
from ._checking import check_rows
from ._connections import Connections, OwnConnections
from ._errors import KeyTakenError
from ._joined import JoinedConnection
from ._postgres import fits_one, one_statement
from ._reader import Reader
from ._rows import Draft, make_draft, micros
from ._url import open_connections, synchronous
from ._work import WorkTable
from ._writing import MissedError, why_not, write_all


Ordering: TypeAlias = Literal["total", "relaxed"]
"""``total``: one order for all facts of a tenant. ``relaxed``: writers do not wait for each other (PostgreSQL)."""

_TRIES: Final = 16


class SqlAlchemyStore(adapting.StoreHandle):
    """
    Keeps facts in PostgreSQL or SQLite. A handle may be shared by threads, and belongs to one tenant.

    On PostgreSQL a commit of one fact is one statement. The tables are made when they are not there.

    Args:
        engine_or_url: an engine of the host, which stays open on :meth:`close`, or the URL of a
            database: ``postgresql+psycopg://…`` or ``sqlite+pysqlite:///file``.
        tenant: whose data; tenants share tables and see nothing of each other.
        entries: classes of entries that plugins brought.
        ordering: of the feed; a tenant keeps the ordering that it began with.
        create: whether the tables, and the file of a SQLite database, are made if they are not there; whoever
            only reads says ``False``.

    Raises:
        InputError: for a URL or an engine of another database, a tenant that is not an id, a tenant that began with
            another ordering, or a database that keeps no projects where nothing may be made.
        UnsupportedError: for a relaxed feed on SQLite.
        SchemaMismatchError: another version of this adapter made the tables.
        StoreUnavailableError: the database cannot be reached.
        StoreError: the database does not make commits durable.
    """

    def __init__(
        self,
        engine_or_url: Engine | URL | str,
        *,
        tenant: str = "main",
        entries: Iterable[type[Any]] = (),
        ordering: Ordering = "total",
        create: bool = True,
    ) -> None:
        self._begin(tenant, entries, ordering)
        self._connections: OwnConnections | JoinedConnection = open_connections(engine_or_url, create=create)
        try:
            self._check_ordering_known()
            if self._connections.dialect == "postgresql":
                self._connections.read(synchronous)
            if not self._connections.read(_schema.found_schema):
                self._make_tables(create=create)
            if not self._connections.read(self._known) and create:
                self._connections.write(self._register, single=True)
                self._connections.read(self._known)
        except BaseException:
            self.close()
            raise

    @classmethod
    def joining(
        cls,
        connection: Connection,
        *,
        tenant: str = "main",
        entries: Iterable[type[Any]] = (),
        ordering: Ordering = "total",
    ) -> Self:
        """
        Return a store on the host's connection: what it commits, the host's transaction commits or rolls back.

        It neither begins nor ends that transaction; every commit has a savepoint, so the transaction stays usable after
        a refusal. Like the connection, it is for one thread.

        Listeners of its pipeline are called after the host's commit, and not at all if the host rolls back.

        Raises:
            InputError: for a connection in AUTOCOMMIT, another database, or another ordering.
            StoreError: the tables are not there.
            SchemaMismatchError: another version of this adapter made them.
        """
        self = cls.__new__(cls)
        self._begin(tenant, entries, ordering)
        self._connections = JoinedConnection(connection)
        self._check_ordering_known()
        self._connections.read(_schema.check_joined)
        self._connections.read(self._known)
        return self

    def _begin(self, tenant: str, entries: Iterable[type[Any]], ordering: Ordering) -> None:
        self._tenant = adapting.check_id(tenant, "tenant")
        self._types = adapting.entry_types(entries)
        self._relaxed = ordering == "relaxed"
        if ordering not in ("total", "relaxed"):
            raise InputError(
                "ordering", ordering, in_two_languages("Pass 'total' or 'relaxed'.", "请传入 'total' 或 'relaxed'。")
            )
        self._pid = os.getpid()
        self._closed = False
        self._chunks: dict[int, BatchConnections] = {}
        self._batches = adapting.Batches(self._waits, self._write_out)
        self._reader = Reader(self._tenant, self._use, self._types, relaxed=self._relaxed)
        self._work = WorkTable(self._tenant, self._use)

    def _asked(self, **values: Any) -> dict[str, Any]:
        return {"tenant": self._tenant, **values}

    def _make_tables(self, *, create: bool) -> None:
        if not create:
            raise InputError(
                "database",
                "no tables of salesflow",
                in_two_languages("Look at how its name is spelt.", "请检查数据库名称的拼写。"),
            )
        self._connections.write(_schema.make_schema)

    def _check_ordering_known(self) -> None:
        if self._relaxed and self._connections.dialect != "postgresql":
            raise UnsupportedError("relaxed feed")

    @property
    def _ordering(self) -> Ordering:
        return "relaxed" if self._relaxed else "total"

    def _register(self, connection: Connection) -> None:
        connection.execute(_sql.TENANT_ADD, self._asked(ordering=self._ordering))

    def _known(self, connection: Connection) -> bool:
        found = connection.execute(_sql.TENANT_ORDERING, self._asked()).scalar()
        if found not in (None, self._ordering):
            hint = in_two_languages(
                f"Tenant {self._tenant!r} began with {found!r}, and its cursors go on like that.",
                f"租户 {self._tenant!r} 一开始使用 {found!r}，其游标须沿用该方式。",
            )
            raise InputError("ordering", self._ordering, hint)
        return found is not None

    @property
    def caps(self) -> Capabilities:
        """
        Durable, for several processes and tenants; in one order unless relaxed.
        """
        return Capabilities(durable=True, multi_process=True, tenants=True, shared_order=not self._relaxed)

    def commit(self, commit: Commit) -> Committed:
        """
        Write everything in *commit* or nothing; durable when it returns, or when the host commits.

        Raises:
            InputError: a project comes twice, the parts of an append do not fit, or an entry is of
                a class that the store was not opened with.
            VersionConflictError: a project is not at the expected version.
            KeyReusedError: the key belongs to another request.
            LeaseLostError: a claim in ``done`` does not hold any more.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreBusyError, StoreUnavailableError, StoreFullError: nothing was written.
            OutcomeUnknownError: the connection broke while it was committed; repeat it with the same key.
            StoreClosedError: after :meth:`close`.
        """
        connections = self._use()
        adapting.check_shape(commit)  # values are checked when they are encoded
        draft = make_draft(commit, self._types, tenant=self._tenant, relaxed=self._relaxed)
        for _ in range(_TRIES):
            written = self._written(connections, draft)
            if written is not None:
                if not written.replayed:
                    self._keep_heads(commit, draft)
                return written
        raise StoreBusyError(
            in_two_languages(
                "others kept changing the same projects. Try again; nothing was written.",
                "其他人一直在修改相同的项目。没有写入任何内容，请重试。",
            )
        )

    def _keep_heads(self, commit: Commit, draft: Draft) -> None:
        for append, row in zip(commit.appends, draft.facts, strict=True):
            self._reader.heads.keep(append.fact.project_id, row["head"], append.project)

    def _written(self, connections: Connections, draft: Draft) -> Committed | None:
        """
        Try to write a draft; ``None`` says that what stood against it has gone meanwhile.
        """
        key = None if draft.key is None else draft.key["key"]
        try:
            if connections.dialect == "postgresql" and fits_one(draft):
                if connections.first(*one_statement(draft), key=key, writes=True) is not None:
                    return Committed(draft.first)
            else:
                return connections.write(lambda connection: write_all(connection, draft, self._types), key=key)
        except (MissedError, KeyTakenError):
            pass
        ask = connections.write if draft.done else connections.read  # a replay may have claims to finish
        return ask(lambda connection: why_not(connection, draft, self._types))

    def batch(self) -> AbstractContextManager[None]:
        """
        Write the commits of this thread in transactions of at most 1,000: ``with store.batch(): …``.

        They count at once for this thread, and for others once they are durable: when 1,000 have come together, and
        when the block ends, also with an error. Meanwhile others wait to write (in a relaxed feed only to the same
        projects), so nothing slow belongs into the block. A joined store leaves that to the host's transaction.

        Raises:
            StoreError: what waited could not be written. This batch takes no more commits.
        """
        return nullcontext() if isinstance(self._use(), JoinedConnection) else self._batches.batch()

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until a batch of this thread is durable, or, of a joined store, until the host has committed.

        ``False`` where every commit is durable at once. A joined store calls it as soon as the host's connection
        begins another transaction or goes back to its pool, as it does at the end of ``engine.begin()`` and of a
        session's commit.
        """
        return self._batches.when_durable(call) or self._use().when_durable(call)

    def keep_definition(self, definition: StoredDefinition) -> StoredDefinition:
        """
        Keep a definition, unless its id and version are kept already; return the kept definition.
        """
        asked = self._asked(id=definition.id, version=definition.version)
        row = {**asked, "digest": definition.digest, "body": definition.text}

        def keep(connection: Connection) -> StoredDefinition:
            connection.execute(_sql.DEFINITION_ADD, row)
            return StoredDefinition(*connection.execute(_sql.DEFINITION, asked).one())

        return self._use().write(keep)

    def definitions(self) -> Sequence[StoredDefinition]:
        """
        Return the definitions that are kept, ordered by id and version.
        """
        rows = self._use().read(lambda connection: connection.execute(_sql.DEFINITIONS, self._asked()).all())
        return tuple([StoredDefinition(*row) for row in rows])

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        return self._reader.head(project_id)

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order, read page by page.
        """
        return self._reader.load(project_id, after=after, upto=upto)

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

        A relaxed feed gives every fact once too, in the order of transactions, and holds facts back
        while a transaction that began before theirs is still open anywhere on the server.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        return self._reader.feed(after, limit=limit)

    def find(
        self,
        *,
        order_by: str | None = None,
        after: str | Project | None = None,
        limit: int = 100,
        **asked: Unpack[Asked],
    ) -> list[Project]:
        """
        Return projects that match, ordered by id or by *order_by*; *after* is the last of the page before.

        There are indexes for ``opened_at``, ``closed_at``, ``stage`` and ``owner``; in another order every project
        that matches is read.

        Raises:
            InputError: for a limit below 1, or an order or period that is none.
        """
        return self._reader.find(order_by=order_by, after=after, limit=limit, **asked)

    def count(self, **asked: Unpack[Asked]) -> int:
        """
        Return how many projects match.
        """
        return self._reader.count(adapting.Query(**asked))

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        return self._reader.committed(key)

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        return self._reader.attempts(project_id)

    def refusals(self, after: str = "", *, limit: int = 1000) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        return self._reader.refusals(after, limit)

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.

        Work whose lease has run out is given out again, with a higher token. What another
        claimer is taking at this moment is passed over, not waited for.

        Raises:
            InputError: for a limit below 1, a lease that is not positive, an unknown kind,
                an owner without a name, or a time without a zone.
        """
        return self._work.claim(kind, owner=owner, limit=limit, lease=lease, at=at)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out, as long as nobody took the work.

        Raises:
            LeaseLostError: another worker may hold it.
            InputError: for a lease that is not positive, or a time without a zone.
        """
        return self._work.extend(claim, lease=lease, at=at)

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.

        Args:
            error: kept with dead work, its first 500 characters.

        Raises:
            LeaseLostError: another worker may hold it.
            InputError: for a time without a zone.
        """
        self._work.release(claim, retry_at=retry_at, error=error)

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.

        Raises:
            InputError: for an unknown kind.
        """
        return self._work.next_due(kind)

    def upcoming(
        self, kind: WorkKind, *, until: datetime, after: Work | None = None, limit: int = 100
    ) -> Sequence[Work]:
        """
        Return open work of a kind that is due by *until*, whether it is claimed or not.

        Earliest first, ties by id; *after* is the last work of the page before.

        Raises:
            InputError: for an unknown kind, a limit below 1, or a time without a zone.
        """
        return self._work.upcoming(kind, until=until, after=after, limit=limit)

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.

        Raises:
            InputError: for an unknown kind, or a limit below 1.
        """
        return self._work.dead(kind, limit=limit)

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted from 0.

        Raises:
            InputError: there is no dead work with this id, or the time has no zone.
        """
        self._work.requeue(work_id, at=at)

    def check(self, *, deep: bool = False) -> StoreCheck:
        """
        Look whether everything of this tenant fits together; *deep* reads every fact. Repairs nothing.
        """
        connections = self._use()
        return connections.snapshot(lambda connection: check_rows(connection, self._tenant, self._types, deep=deep))

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many. Facts are never purged.

        Raises:
            InputError: for a time without a zone.
        """
        asked = self._asked(before=micros(adapting.to_utc(keys_before, "keys_before")))
        connections = self._use()
        return connections.write(lambda connection: connection.execute(_sql.KEYS_FORGET, asked).rowcount, single=True)

    def close(self) -> None:
        """
        Release everything but what belongs to the host; closing twice is harmless.
        """
        if not self._closed and os.getpid() == self._pid:
            try:
                for chunk in tuple(self._chunks.values()):
                    chunk.write_out()
            finally:
                self._closed = True
                self._connections.close()
        self._closed = True

    def _use(self) -> Connections:
        if os.getpid() != self._pid:
            raise ForkedHandleError
        if self._closed:
            raise StoreClosedError
        mine = self._connections
        if isinstance(mine, JoinedConnection) or not self._batches.running or not self._batches.entered:
            return mine
        return self._chunks.setdefault(get_ident(), BatchConnections(mine))

    def _waits(self) -> bool:
        chunk = self._chunks.get(get_ident())
        return chunk is not None and chunk.waits

    def _write_out(self) -> None:
        chunk = self._chunks.pop(get_ident(), None)
        if chunk is not None:
            chunk.write_out()
