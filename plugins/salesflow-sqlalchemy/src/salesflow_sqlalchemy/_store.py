"""
The store: a tenant's facts, heads, keys and work in the tables of a database.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal, Self, TypeAlias

from sqlalchemy import URL, Connection, Engine

from salesflow.errors import ForkedHandleError, InputError, StoreBusyError, StoreClosedError, UnsupportedError
from salesflow.stores import adapting
from salesflow.typing import Capabilities, Commit, Committed, StoreCheck

from . import _schema, _sql
from ._checking import check_rows
from ._errors import KeyTakenError
from ._heads import Heads
from ._joined import JoinedPlace
from ._opening import open_place, synchronous
from ._places import Place
from ._postgres import fits_one, one_statement
from ._reading import Reading
from ._rows import Draft, make_draft, micros
from ._writing import MissedError, why_not, write_all


Ordering: TypeAlias = Literal["total", "relaxed"]
"""``total``: one order for all facts of a tenant. ``relaxed``: writers do not wait for each other (PostgreSQL)."""

_TRIES: Final = 16


class SqlAlchemyStore(Reading):
    """
    Keeps facts in PostgreSQL or SQLite. A handle may be shared by threads, and belongs to one tenant.

    On PostgreSQL a commit of one fact is one statement. The tables are made when they are not there.

    Args:
        engine_or_url: an engine of the host, which stays open on :meth:`close`, or the URL of a
            database: ``postgresql+psycopg://…`` or ``sqlite+pysqlite:///file``.
        tenant: whose data; tenants share tables and see nothing of each other.
        entries: classes of entries that plugins brought.
        ordering: of the feed; a tenant keeps the one that it began with.

    Raises:
        InputError: for a URL or an engine of another database, a tenant that is no id, or a
            tenant that began with another ordering.
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
    ) -> None:
        self._begin(tenant, entries, ordering)
        self._place = open_place(engine_or_url)
        try:
            self._check_ordering_known()
            if self._place.dialect == "postgresql":
                self._place.read(synchronous)
            if not self._place.read(_schema.found_schema):
                self._place.write(_schema.make_schema)
            if not self._place.read(self._known):
                self._place.write(self._register, single=True)
                self._place.read(self._known)
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

        It neither begins nor ends that transaction; every commit stands behind a savepoint, so the
        transaction stays usable after a refusal. Like the connection, it is for one thread.

        Raises:
            InputError: for a connection in AUTOCOMMIT, another database, or another ordering.
            StoreError: the tables are not there.
            SchemaMismatchError: another version of this adapter made them.
        """
        self = cls.__new__(cls)
        self._begin(tenant, entries, ordering)
        self._place = JoinedPlace(connection)
        self._check_ordering_known()
        self._place.read(_schema.check_joined)
        self._place.read(self._known)
        return self

    def _begin(self, tenant: str, entries: Iterable[type[Any]], ordering: Ordering) -> None:
        self._tenant = adapting.check_id(tenant, "tenant")
        self._types = adapting.entry_types(entries)
        self._heads = Heads()
        self._relaxed = ordering == "relaxed"
        if ordering not in ("total", "relaxed"):
            raise InputError("ordering", ordering, "Pass 'total' or 'relaxed'.")
        self._pid = os.getpid()
        self._closed = False

    def _check_ordering_known(self) -> None:
        if self._relaxed and self._place.dialect != "postgresql":
            raise UnsupportedError("relaxed feed")

    @property
    def _ordering(self) -> Ordering:
        return "relaxed" if self._relaxed else "total"

    def _register(self, connection: Connection) -> None:
        connection.execute(_sql.TENANT_ADD, self._asked(ordering=self._ordering))

    def _known(self, connection: Connection) -> bool:
        found = connection.execute(_sql.TENANT_ORDERING, self._asked()).scalar()
        if found not in (None, self._ordering):
            hint = f"Tenant {self._tenant!r} began with {found!r}, and its cursors go on like that."
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
        place = self._open_place()
        adapting.check_commit(commit)
        draft = make_draft(commit, self._types, tenant=self._tenant, relaxed=self._relaxed)
        for _ in range(_TRIES):
            written = self._written(place, draft)
            if written is not None:
                if not written.replayed:
                    self._keep_heads(commit, draft)
                return written
        raise StoreBusyError("others kept changing the same projects. Try again; nothing was written.")

    def _keep_heads(self, commit: Commit, draft: Draft) -> None:
        for append, row in zip(commit.appends, draft.facts, strict=True):
            self._heads.keep(append.fact.project_id, row["head"], append.project)

    def _written(self, place: Place, draft: Draft) -> Committed | None:
        """
        Try to write a draft; ``None`` says that what stood against it has gone meanwhile.
        """
        key = None if draft.key is None else draft.key["key"]
        try:
            if place.dialect == "postgresql" and fits_one(draft):
                if place.first(*one_statement(draft), key=key, writes=True) is not None:
                    return Committed(draft.first)
            else:
                return place.write(lambda connection: write_all(connection, draft, self._types), key=key)
        except (MissedError, KeyTakenError):
            pass
        ask = place.write if draft.done else place.read  # a replay may have claims to finish
        return ask(lambda connection: why_not(connection, draft, self._types))

    def check(self, *, deep: bool = False) -> StoreCheck:
        """
        Look whether everything of this tenant fits together; *deep* reads every fact. Repairs nothing.
        """
        place = self._open_place()
        return place.snapshot(lambda connection: check_rows(connection, self._tenant, self._types, deep=deep))

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many. Facts are never purged.

        Raises:
            InputError: for a time without a zone.
        """
        asked = self._asked(before=micros(adapting.to_utc(keys_before, "keys_before")))
        place = self._open_place()
        return place.write(lambda connection: connection.execute(_sql.KEYS_FORGET, asked).rowcount, single=True)

    def close(self) -> None:
        """
        Release everything but what belongs to the host; closing twice is harmless.
        """
        if not self._closed and os.getpid() == self._pid:
            self._place.close()
        self._closed = True

    def _open_place(self) -> Place:
        if os.getpid() != self._pid:
            raise ForkedHandleError
        if self._closed:
            raise StoreClosedError
        return self._place
