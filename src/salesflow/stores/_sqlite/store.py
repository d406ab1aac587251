"""
The store in a SQLite file: several processes of one machine, facts and heads in one transaction.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from sqlite3 import Cursor
from typing import Any, Final, TypeAlias, Unpack

from ..._codec.facts import encode_attempt, encode_due, encode_notice
from ..._codec.project import HeadTexts, keep_head
from ..._codec.values import canonical
from ..._model.commit import (
    Append,
    AttemptPage,
    Capabilities,
    Commit,
    Committed,
    Key,
    Page,
    StoreCheck,
    StoredDefinition,
    make_committed,
)
from ..._model.facts import Attempt, Fact, Reparented
from ..._model.project import Project
from ..._model.query import Asked, Query
from ..._model.values import check_id, to_utc
from ..._model.work import Claim, DeadWork, DueDeadline, Work, WorkKind
from ...errors import LeaseLostError, VersionConflictError
from .._handle import StoreHandle, check_shape, fact_text, first_token, work_of
from ..adapting import entry_types
from .check import check_tables
from .database import Database, bound, micros
from .reader import CHOICES, Reader, columns_equal, some
from .work import DROP, PUT, WorkTable, finish


VERSION: Final = "SELECT version FROM sf_heads WHERE tenant = ? AND project = ?"
COUNT: Final = "UPDATE sf_counters SET position = position + ? WHERE tenant = ? RETURNING position"
COUNT_FIRST: Final = "INSERT INTO sf_counters (position, tenant) VALUES (?, ?) RETURNING position"
RECORD: Final = "INSERT INTO sf_facts VALUES (?, ?, ?, ?, ?, ?)"
OPEN: Final = """
    INSERT INTO sf_heads (tenant, project, version, stage, owner, outcome, closed, folded, body, parent, opened)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
REPARENT: Final = "UPDATE sf_heads SET parent = ? WHERE tenant = ? AND project = ?"
KEEP_KEY: Final = "INSERT INTO sf_keys VALUES (?, ?, ?, ?, ?, ?)"
PURGE: Final = "DELETE FROM sf_keys WHERE tenant = ? AND at < ?"
KEEP: Final = "INSERT INTO sf_definitions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
KEPT: Final = "SELECT id, version, digest, body FROM sf_definitions WHERE tenant = ? AND id = ? AND version = ?"
ALL_KEPT: Final = "SELECT id, version, digest, body FROM sf_definitions WHERE tenant = ? ORDER BY id, version"
LOG: Final = "INSERT INTO sf_attempts (tenant, project, body) VALUES (?, ?, ?)"


_ALL: Final = (True, True, True, True)
_STAGE: Final = (True, False, False, False)

_Texts: TypeAlias = Sequence[tuple[str, str | None]]
_Statements: TypeAlias = Sequence[tuple[str, tuple[Any, ...]]]


def _move(chosen: tuple[bool, ...], *, with_text: bool) -> str:
    columns = ", ".join([*columns_equal(chosen), "version = ?", *(["folded = ?", "body = ?"] if with_text else [])])
    return "UPDATE sf_heads SET " + columns + " WHERE tenant = ? AND project = ? AND version = ?"  # noqa: S608 -- from here


MOVES: Final[Mapping[tuple[tuple[bool, ...], bool], str]] = {
    (chosen, with_text): _move(chosen, with_text=with_text) for chosen in CHOICES for with_text in (False, True)
}
"""
Statements by which of stage, owner, outcome and closing change, and whether the text is written: an
index that stays is not touched.
"""


def _columns(project: Project) -> tuple[int, str, str | None, str, int | None]:
    # Another type of field may have taken the name of the owner; nobody is found by it.
    owner: Any = project.fields.get("owner")
    closed = None if project.closed_at is None else micros(project.closed_at)
    return project.version, project.stage, owner if isinstance(owner, str) else None, project.outcome, closed


def _work_row(work: Work, token: int, tenant: str) -> tuple[Any, ...]:
    body = work.body
    visit, data = (body.visit, encode_due(body)) if isinstance(body, DueDeadline) else (None, encode_notice(body))
    return tenant, work.id, work.kind, work.project_id, visit, micros(work.due_at), token, canonical(data).decode()


class SqliteStore(StoreHandle):
    """
    Keeps the facts of one tenant in a SQLite file, beside other tenants and tables of the host.

    A commit is on the medium when :meth:`commit` returns. Several processes of one machine
    may use the file at once; it must be on a local file system. A handle may be shared by
    threads, not by processes: a forked child is refused.

    Args:
        path: the file; made for its owner alone if it is not there. Beside it stand its
            ``-wal`` and ``-shm``, and the lock of its writers, ``.wlock``.
        tenant: whose facts; an id.
        entries: entry classes of plugins, beside the built-in ones.
        timeout: seconds that a commit waits for other writers.
        create: whether the file and its tables are made if they are not there; whoever only reads says ``False``.

    Raises:
        InputError: the path cannot be a database, the tenant is not an id, the timeout is negative, or there is no
            store and none may be made.
        StoreBusyError: another connection held the file for too long.
        StoreCorruptError: it is not a database, or it is damaged.
        SchemaMismatchError: a newer version wrote it.
        StoreUnavailableError: it cannot be opened.
        UnsupportedError: SQLite is older than 3.37, or the file system has no write-ahead log.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        tenant: str = "main",
        entries: Iterable[type[Any]] = (),
        timeout: float = 30.0,
        create: bool = True,
    ) -> None:
        self._types = entry_types(entries)
        self._tenant = check_id(tenant, "tenant")
        self._head_texts = HeadTexts()
        self._db = Database(path, timeout, create=create)
        self._heads: dict[str, Project] = {}
        self._reader = Reader(self._db, self._tenant, self._types, self._heads)
        self._work = WorkTable(self._db, self._tenant)

    def __repr__(self) -> str:
        return f"<SqliteStore {self._db.name!r}, tenant {self._tenant!r}>"

    @property
    def caps(self) -> Capabilities:
        """
        Durable, for several processes and tenants.
        """
        return Capabilities(durable=True, multi_process=True, tenants=True)

    def commit(self, commit: Commit) -> Committed:
        """
        Write everything in *commit* or nothing; it is durable when this returns.

        Raises:
            InputError: a project comes twice, the parts of an append do not fit, there are
                notices without a fact, or an entry is of a class that the store was not with_text.
            VersionConflictError: a project is not at the expected version.
            LeaseLostError: a claim in ``done`` does not hold any more.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreBusyError: others wrote for too long; nothing was written.
            StoreFullError: the medium is full; nothing was written, the store stays usable.
            OutcomeUnknownError: the medium failed; repeat it with the same key after opening
                the store again.
            StoreUnavailableError: the file is not there any more, or is another; nothing was written.
            StoreFailedError: the medium failed before.
            StoreClosedError, ForkedHandleError: the handle may not be used.
        """
        self._db.check_open()
        check_shape(commit)  # values are checked when they are encoded
        texts = [self._texts(each) for each in commit.appends]
        others: list[tuple[str, tuple[Any, ...]]] = []
        if commit.notices or commit.dues or commit.opened:
            others += [(PUT, _work_row(work, first_token(work, commit), self._tenant)) for work in work_of(commit)]
        for each in commit.attempts:
            others.append((LOG, (self._tenant, each.project_id, canonical(encode_attempt(each)).decode())))
        key = None if commit.key is None else commit.key.key
        settle = self._head_texts.forget  # unless it is stored
        try:
            committed = self._db.write(lambda cursor: self._write(cursor, commit, texts, others), key)
            if not committed.replayed:
                settle = partial(keep_head, self._heads)
        finally:
            for append in commit.appends:
                settle(append.project)
        return committed

    def batch(self) -> AbstractContextManager[None]:
        """
        Write the commits of this thread in transactions of at most 1,000: ``with store.batch(): …``.

        They count at once for this thread, and for others once they are durable: when 1,000 have come together,
        when another thread of this handle commits, and when the block ends, also with an error. Meanwhile other
        processes wait to write, so nothing slow belongs into the block. A process that dies inside of it loses
        what waits.

        Raises:
            StoreError: what waited could not be written. The handle takes no more commits; open the store again
                to see what it has.
        """
        self._db.check_open()
        return self._db.batches.batch()

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until what this thread committed in a batch is durable; ``False`` outside of a batch.
        """
        batches = self._db.batches
        return batches.when_durable(call) if batches.running else False

    def _texts(self, append: Append) -> tuple[str, str | None]:
        text = fact_text(append.fact, self._types).decode()
        return text, self._head_texts.text(append.project, len(text))

    def _write(self, cursor: Cursor, commit: Commit, texts: _Texts, others: _Statements) -> Committed:
        if commit.key is not None:
            found = self._reader.stored(cursor, commit.key)
            if found is not None:
                finish(cursor, commit.done, self._tenant)
                return Committed(found, replayed=True)
        if commit.appends:
            self._put_facts(cursor, commit, texts)
        lost = finish(cursor, commit.done, self._tenant) if commit.done else None
        if lost is not None:
            raise LeaseLostError(lost)
        for stay in commit.dropped:
            cursor.execute(DROP, (self._tenant, *stay))
        for statement, row in others:
            cursor.execute(statement, row)
        return make_committed(commit.appends[0].fact if commit.appends else None)

    def _put_facts(self, cursor: Cursor, commit: Commit, texts: _Texts) -> None:
        appends, tenant = commit.appends, self._tenant
        for append, (_, head) in zip(appends, texts, strict=True):
            self._put_head(cursor, append, head)
        more = len(appends), tenant
        row = cursor.execute(COUNT, more).fetchone() or cursor.execute(COUNT_FIRST, more).fetchone()
        first = row[0] - len(appends) + 1
        for position, (append, (text, _)) in enumerate(zip(appends, texts, strict=True), first):
            fact = append.fact
            cursor.execute(RECORD, (tenant, position, fact.project_id, fact.version, micros(fact.at), text))
        key = commit.key
        if key is not None:
            at = micros(appends[0].fact.at)
            cursor.execute(KEEP_KEY, (tenant, key.project_id, key.key, key.fingerprint, first, at))

    def _put_head(self, cursor: Cursor, append: Append, text: str | None) -> None:
        # Replacing the head that is expected is at once the check that it is there.
        project, expected, tenant = append.project, append.expected, self._tenant
        version, *looked_up = _columns(project)
        if expected == 0:
            cursor.execute(
                OPEN,
                (tenant, project.id, version, *looked_up, version, text, project.parent, micros(project.opened_at)),
            )
        else:
            statement, values = self._changes(project, expected, looked_up, with_text=text is not None)
            written = () if text is None else (version, text)
            cursor.execute(statement, (*values, version, *written, tenant, project.id, expected))
        if cursor.rowcount != 1:
            row = cursor.execute(VERSION, (tenant, project.id)).fetchone()
            raise VersionConflictError(project.id, expected, 0 if row is None else row[0])
        if isinstance(append.fact.body, Reparented):
            cursor.execute(REPARENT, (project.parent, tenant, project.id))

    def _changes(
        self, project: Project, expected: int, looked_up: Sequence[str | int | None], *, with_text: bool
    ) -> tuple[str, Sequence[str | int | None]]:
        old = self._heads.get(project.id)
        if old is None or old.version != expected:
            return MOVES[_ALL, with_text], looked_up
        kept = old.fields is project.fields and old.outcome == project.outcome
        if kept and old.closed_at == project.closed_at:  # so is nearly every move
            return MOVES[_STAGE, with_text], looked_up[:1]
        changes = tuple([now != then for now, then in zip(looked_up, _columns(old)[1:], strict=True)])
        return MOVES[changes, with_text], some(looked_up, changes)

    def keep_definition(self, definition: StoredDefinition) -> StoredDefinition:
        """
        Keep a definition, unless its id and version are kept already; return the kept definition.
        """
        name = self._tenant, bound(definition.id), bound(definition.version)

        def keep(cursor: Cursor) -> StoredDefinition:
            cursor.execute(KEEP, (*name, definition.digest, definition.text))
            return StoredDefinition(*cursor.execute(KEPT, name).fetchone())

        return self._db.write(keep)

    def definitions(self) -> Sequence[StoredDefinition]:
        """
        Return the definitions that are kept, ordered by id and version.
        """
        rows = self._db.read(lambda cursor: cursor.execute(ALL_KEPT, (self._tenant,)).fetchall())
        return tuple([StoredDefinition(*row) for row in rows])

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        asked, known = (self._tenant, bound(project_id)), self._heads.get(project_id)
        if known is not None and self._db.broken is None:
            row = self._db.glance(VERSION, asked)
            if row is not None and row[0] == known.version:
                return known
        return self._reader.head(project_id)

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        return self._reader.load(project_id, after=after, upto=upto)

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

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
        return self._reader.count(Query(**asked))

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

        Work whose lease has run out is given out again, with a higher token.

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
        Look whether positions, versions and heads fit together; *deep* folds every fact.

        A deep check also reads every page of the file, those of other tenants and tables too. In a batch, what
        waits is written first.
        """
        self._db.write_out()
        return self._db.read(
            lambda cursor: check_tables(cursor, self._tenant, self._types, self._db.name, _columns, deep=deep)
        )

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many.

        Raises:
            InputError: for a time without a zone.
        """
        asked = self._tenant, micros(to_utc(keys_before, "keys_before"))
        return self._db.write(lambda cursor: cursor.execute(PURGE, asked).rowcount)

    def close(self) -> None:
        """
        Give the file and the lock back; closing twice is harmless.

        A forked child leaves the connections of its parent alone.
        """
        self._db.close()
