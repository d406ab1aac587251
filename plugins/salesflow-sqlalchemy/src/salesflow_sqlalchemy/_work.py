"""
The open work of a tenant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

import attrs
from sqlalchemy import Connection, TextClause

from salesflow.errors import InputError, LeaseLostError, SchemaMismatchError, StoreCorruptError, say
from salesflow.stores import adapting
from salesflow.typing import Claim, DeadWork, Work, WorkKind

from . import _sql
from ._connections import Connections
from ._rows import claim_row, keepable, micros, moment, read_work


class WorkTable:
    """
    Claims, leases, retries and dead work of one tenant; the store says what its methods do.

    Args:
        use: returns the connections of an open store, or raises.
    """

    def __init__(self, tenant: str, use: Callable[[], Connections]) -> None:
        self._tenant = tenant
        self._use = use

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.
        """
        adapting.check_kind(kind)
        adapting.check_owner(owner)
        adapting.check_limit(limit)
        until = adapting.lease_end(lease, at)
        connections = self._use()
        asked = self._asked(
            kind=kind, owner=owner, limit=limit, until=micros(until), at=micros(adapting.to_utc(at, "at"))
        )
        statement = _sql.CLAIM[connections.dialect]
        rows = connections.write(lambda connection: connection.execute(statement, asked).mappings().all(), single=True)
        # An update returns rows in no particular order.
        found = sorted(rows, key=itemgetter("due", "id"))
        claims: list[Claim] = []
        for row in found:
            try:
                claims.append(Claim(read_work(dict(row)), owner, row["token"], until, row["attempts"]))
            except StoreCorruptError as error:  # given up, so that it does not hold up the others
                named = {"id": row["id"], "owner": owner, "token": row["token"]}
                buried = self._asked(**named, error=adapting.error_text(str(error)))
                connections.write(partial(_bury, asked=buried), single=True)
            except SchemaMismatchError:
                continue  # a newer version set it, and does it when the lease has run out
        return tuple(claims)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out, as long as nobody took the work.
        """
        until = adapting.lease_end(lease, at)
        self._change(claim, _sql.WORK_EXTEND, until=micros(until))
        return attrs.evolve(claim, until=until)

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.
        """
        if retry_at is None:
            self._change(claim, _sql.WORK_BURY, error=adapting.error_text(error))
        else:
            self._change(claim, _sql.WORK_RETRY, due=micros(adapting.to_utc(retry_at, "retry_at")))

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.
        """
        adapting.check_kind(kind)
        asked = self._asked(kind=kind)
        times = self._use().read(lambda connection: connection.execute(_sql.WORK_NEXT, asked).one())
        return min((moment(at) for at in (times.ready, times.leased) if at is not None), default=None)

    def upcoming(self, kind: WorkKind, *, until: datetime, after: Work | None, limit: int) -> Sequence[Work]:
        """
        Return open work that is due by *until*, behind *after*, earliest first, ties by id.
        """
        adapting.check_kind(kind)
        adapting.check_limit(limit)
        due, work_id = (-(2**63), "") if after is None else (micros(after.due_at), after.id)
        end = micros(adapting.to_utc(until, "until"))
        asked = self._asked(kind=kind, until=end, due=due, id=work_id, limit=limit)
        connections = self._use()
        rows = connections.read(lambda connection: connection.execute(_sql.WORK_UPCOMING, asked).mappings().all())
        return tuple(adapting.readable(rows, lambda row: read_work(dict(row))))

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.
        """
        adapting.check_kind(kind)
        adapting.check_limit(limit)
        asked = self._asked(kind=kind, limit=limit)
        connections = self._use()
        rows = connections.read(lambda connection: connection.execute(_sql.WORK_DEAD, asked).mappings().all())
        return tuple(adapting.readable(rows, lambda row: DeadWork(read_work(dict(row)), row["attempts"], row["error"])))

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted from 0.
        """
        asked = self._asked(id=work_id, due=micros(adapting.to_utc(at, "at")))
        connections = self._use()
        if not keepable(work_id) or not connections.write(
            lambda connection: connection.execute(_sql.WORK_REQUEUE, asked).rowcount, single=True
        ):
            raise InputError(
                "dead work",
                work_id,
                say("input.no_dead"),
            )

    def _asked(self, **values: Any) -> dict[str, Any]:
        return {"tenant": self._tenant, **values}

    def _change(self, claim: Claim, statement: TextClause, **values: Any) -> None:
        asked = self._asked(**claim_row(claim), **values)
        connections = self._use()
        if not connections.write(lambda connection: connection.execute(statement, asked).rowcount, single=True):
            raise LeaseLostError(claim.work.id)


def _bury(connection: Connection, asked: dict[str, Any]) -> None:
    connection.execute(_sql.WORK_BURY, asked)
