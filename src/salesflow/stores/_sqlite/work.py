"""
Open work in a SQLite file: what is due, who holds it, what was given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from sqlite3 import Cursor
from typing import Any, Final

import attrs

from ..._codec.facts import decode_due, decode_notice
from ..._model.facts import Notice
from ..._model.values import to_utc
from ..._model.work import Claim, DeadWork, DueDeadline, Work, WorkKind
from ...errors import InputError, LeaseLostError, SchemaMismatchError, StoreCorruptError, say
from ..adapting import check_kind, check_limit, check_owner, error_text, lease_end, read_text, readable
from .database import LARGEST, Database, bound, micros, moment


PUT: Final = """
    INSERT INTO sf_work VALUES (?, ?, ?, ?, ?, ?, 'ready', NULL, NULL, ?, 0, NULL, ?)
    ON CONFLICT (tenant, id) DO UPDATE SET
        project = excluded.project, visit = excluded.visit, due = excluded.due, status = 'ready',
        owner = NULL, until = NULL, token = max(token + 1, excluded.token), attempts = 0, error = NULL,
        body = excluded.body
"""
DROP: Final = "DELETE FROM sf_work WHERE tenant = ? AND project = ? AND visit = ?"
DONE: Final = """
    DELETE FROM sf_work WHERE tenant = ? AND id = ? AND owner = ? AND token = ? AND status = 'leased'
"""
# Both halves walk an index; the second is short, since leases seldom run out.
CLAIMABLE: Final = """
    SELECT number, id, kind, project, due, token, attempts, body FROM (
        SELECT * FROM (
            SELECT rowid AS number, * FROM sf_work
            WHERE tenant = :tenant AND kind = :kind AND status = 'ready' AND due <= :at
            ORDER BY due, id LIMIT :limit
        )
        UNION ALL
        SELECT rowid AS number, * FROM sf_work
        WHERE tenant = :tenant AND kind = :kind AND status = 'leased' AND until <= :at
    )
    ORDER BY due, id LIMIT :limit
"""
TAKE: Final = """
    UPDATE sf_work SET status = 'leased', owner = ?, until = ?, token = token + 1, attempts = attempts + 1
    WHERE rowid = ?
"""
BURY: Final = "UPDATE sf_work SET status = 'dead', error = ?, owner = NULL, until = NULL WHERE rowid = ?"
EXTEND: Final = """
    UPDATE sf_work SET until = ? WHERE tenant = ? AND id = ? AND owner = ? AND token = ? AND status = 'leased'
"""
RETRY: Final = """
    UPDATE sf_work SET due = ?, status = 'ready', owner = NULL, until = NULL
    WHERE tenant = ? AND id = ? AND owner = ? AND token = ? AND status = 'leased'
"""
GIVE_UP: Final = """
    UPDATE sf_work SET error = ?, status = 'dead', owner = NULL, until = NULL
    WHERE tenant = ? AND id = ? AND owner = ? AND token = ? AND status = 'leased'
"""
NEXT_READY: Final = "SELECT min(due) FROM sf_work WHERE tenant = ? AND kind = ? AND status = 'ready'"
NEXT_LEASED: Final = "SELECT min(until) FROM sf_work WHERE tenant = ? AND kind = ? AND status = 'leased'"
UPCOMING: Final = """
    SELECT id, kind, project, due, body FROM (
        SELECT * FROM (
            SELECT * FROM sf_work WHERE tenant = :tenant AND kind = :kind AND status = 'ready'
            AND due <= :until AND due >= :due AND (due > :due OR id > :id) ORDER BY due, id LIMIT :limit
        )
        UNION ALL
        SELECT * FROM sf_work WHERE tenant = :tenant AND kind = :kind AND status = 'leased'
        AND due <= :until AND due >= :due AND (due > :due OR id > :id)
    )
    ORDER BY due, id LIMIT :limit
"""
DEAD: Final = """
    SELECT id, kind, project, due, body, attempts, error FROM sf_work
    WHERE tenant = ? AND kind = ? AND status = 'dead' ORDER BY id LIMIT ?
"""
REQUEUE: Final = """
    UPDATE sf_work SET status = 'ready', due = ?, attempts = 0, error = NULL
    WHERE tenant = ? AND id = ? AND status = 'dead'
"""


def finish(cursor: Cursor, claims: Iterable[Claim], tenant: str) -> str | None:
    """
    Take out the work that these claims hold; return the id of the first that one does not.
    """
    lost = None
    for name in dict.fromkeys((claim.work.id, claim.owner, claim.token) for claim in claims):
        if not cursor.execute(DONE, (tenant, *name)).rowcount and lost is None:
            lost = name[0]
    return lost


class WorkTable:
    """
    The open work of one tenant; the store says what its methods do.
    """

    def __init__(self, db: Database, tenant: str) -> None:
        self._db = db
        self._tenant = tenant

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.
        """
        check_kind(kind)
        check_owner(owner)
        check_limit(limit)
        until = lease_end(lease, at)
        asked = {"tenant": self._tenant, "kind": kind, "at": micros(to_utc(at, "at")), "limit": min(limit, LARGEST)}

        def take(cursor: Cursor) -> list[Claim]:
            rows = cursor.execute(CLAIMABLE, asked).fetchall()
            claims: list[Claim] = []
            taken: list[tuple[str, int, int]] = []
            for number, *row, token, attempts, body in rows:
                work = self._work_or_none(cursor, number, (*row, body))
                if work is not None:
                    claims.append(Claim(work, owner, token + 1, until, attempts + 1))
                    taken.append((owner, micros(until), number))
            cursor.executemany(TAKE, taken)
            return claims

        return tuple(self._db.write(take))

    def _work_or_none(self, cursor: Cursor, number: int, row: tuple[Any, ...]) -> Work | None:
        """
        Return the work of a row; damaged work is given up, and that of a newer version left, so that the rest goes on.
        """
        try:
            return self._opened(*row)
        except StoreCorruptError as error:
            cursor.execute(BURY, (error_text(str(error)), number))
        except SchemaMismatchError:
            pass
        return None

    def _opened(self, work_id: str, kind: WorkKind, project: str, due: int, body: str) -> Work:
        read: Callable[[Any], Notice | DueDeadline] = decode_notice if kind == "notice" else decode_due
        place = f"{self._db.name}, work {work_id}"
        return Work(work_id, kind, project, moment(due), read_text(body, read, place))

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out, as long as nobody took the work.
        """
        until = lease_end(lease, at)
        self._change(claim, EXTEND, micros(until))
        return attrs.evolve(claim, until=until)

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.
        """
        if retry_at is None:
            self._change(claim, GIVE_UP, error_text(error))
        else:
            self._change(claim, RETRY, micros(to_utc(retry_at, "retry_at")))

    def _change(self, claim: Claim, statement: str, value: object) -> None:
        named = value, self._tenant, claim.work.id, claim.owner, claim.token
        if not self._db.write(lambda cursor: cursor.execute(statement, named).rowcount):
            raise LeaseLostError(claim.work.id)

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.
        """
        check_kind(kind)
        asked = self._tenant, kind

        def look(cursor: Cursor) -> list[int | None]:
            # Two statements: one that asks for both would walk one of the indexes to its end.
            return [cursor.execute(each, asked).fetchone()[0] for each in (NEXT_READY, NEXT_LEASED)]

        found = min((each for each in self._db.read(look) if each is not None), default=None)
        return None if found is None else moment(found)

    def upcoming(self, kind: WorkKind, *, until: datetime, after: Work | None, limit: int) -> Sequence[Work]:
        """
        Return open work that is due by *until*, behind *after*, earliest first, ties by id.
        """
        check_kind(kind)
        check_limit(limit)
        due, work_id = (-LARGEST, "") if after is None else (micros(after.due_at), bound(after.id))
        asked = {"tenant": self._tenant, "kind": kind, "until": micros(to_utc(until, "until")), "due": due}
        asked |= {"id": work_id, "limit": min(limit, LARGEST)}
        rows = self._db.read(lambda cursor: cursor.execute(UPCOMING, asked).fetchall())
        return tuple(readable(rows, lambda row: self._opened(*row)))

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.
        """
        check_kind(kind)
        check_limit(limit)
        asked = self._tenant, kind, min(limit, LARGEST)
        rows = self._db.read(lambda cursor: cursor.execute(DEAD, asked).fetchall())
        return tuple(readable(rows, lambda row: DeadWork(self._opened(*row[:5]), *row[5:])))

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted from 0.
        """
        asked = micros(to_utc(at, "at")), self._tenant, bound(work_id)
        if not self._db.write(lambda cursor: cursor.execute(REQUEUE, asked).rowcount):
            raise InputError("dead work", work_id, say("input.no_dead"))
