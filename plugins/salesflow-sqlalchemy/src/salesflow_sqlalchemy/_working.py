"""
The half of the store that hands out work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import attrs
from sqlalchemy import TextClause

from salesflow.errors import InputError, LeaseLostError
from salesflow.stores import adapting
from salesflow.typing import Claim, DeadWork, WorkKind

from . import _sql
from ._places import Place
from ._rows import claim_row, keepable, micros, moment, read_work


class Working(adapting.StoreHandle, ABC):
    """
    Claims, leases, retries and dead work of one tenant.
    """

    _tenant: str

    @abstractmethod
    def _open_place(self) -> Place:
        """
        Return where statements run.

        Raises:
            StoreClosedError, ForkedHandleError: nowhere any more.
        """

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.

        Work whose lease has run out is given out again, with a higher token. What another
        claimer is taking at this moment is passed over, not waited for.

        Raises:
            InputError: for a limit below 1, a lease that is not positive, an unknown kind,
                an owner without a name, or a time without a zone.
        """
        adapting.check_kind(kind)
        adapting.check_owner(owner)
        adapting.check_limit(limit)
        until = adapting.lease_end(lease, at)
        place = self._open_place()
        asked = self._asked(
            kind=kind, owner=owner, limit=limit, until=micros(until), at=micros(adapting.to_utc(at, "at"))
        )
        statement = _sql.CLAIM[place.dialect]
        rows = place.write(lambda connection: connection.execute(statement, asked).mappings().all(), single=True)
        # An update returns rows in no particular order.
        found = sorted(rows, key=itemgetter("due", "id"))
        return tuple(Claim(read_work(dict(row)), owner, row["token"], until, row["attempts"]) for row in found)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out, as long as nobody took the work.

        Raises:
            LeaseLostError: somebody else may hold it.
            InputError: for a lease that is not positive, or a time without a zone.
        """
        until = adapting.lease_end(lease, at)
        self._change(claim, _sql.WORK_EXTEND, until=micros(until))
        return attrs.evolve(claim, until=until)

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.

        Args:
            error: kept with dead work, its first 500 characters.

        Raises:
            LeaseLostError: somebody else may hold it.
            InputError: for a time without a zone.
        """
        if retry_at is None:
            self._change(claim, _sql.WORK_BURY, error=adapting.error_text(error))
        else:
            self._change(claim, _sql.WORK_RETRY, due=micros(adapting.to_utc(retry_at, "retry_at")))

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.

        Raises:
            InputError: for an unknown kind.
        """
        adapting.check_kind(kind)
        asked = self._asked(kind=kind)
        times = self._open_place().read(lambda connection: connection.execute(_sql.WORK_NEXT, asked).one())
        return min((moment(at) for at in (times.ready, times.leased) if at is not None), default=None)

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.

        Raises:
            InputError: for an unknown kind, or a limit below 1.
        """
        adapting.check_kind(kind)
        adapting.check_limit(limit)
        asked = self._asked(kind=kind, limit=limit)
        place = self._open_place()
        rows = place.read(lambda connection: connection.execute(_sql.WORK_DEAD, asked).mappings().all())
        return tuple(DeadWork(read_work(dict(row)), row["attempts"], row["error"]) for row in rows)

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted anew.

        Raises:
            InputError: there is no dead work with this id, or the time has no zone.
        """
        asked = self._asked(id=work_id, due=micros(adapting.to_utc(at, "at")))
        place = self._open_place()
        if not keepable(work_id) or not place.write(
            lambda connection: connection.execute(_sql.WORK_REQUEUE, asked).rowcount, single=True
        ):
            raise InputError("dead work", work_id, "None has this id; dead(kind) lists what there is.")

    def _asked(self, **values: Any) -> dict[str, Any]:
        return {"tenant": self._tenant, **values}

    def _change(self, claim: Claim, statement: TextClause, **values: Any) -> None:
        asked = self._asked(**claim_row(claim), **values)
        place = self._open_place()
        if not place.write(lambda connection: connection.execute(statement, asked).rowcount, single=True):
            raise LeaseLostError(claim.work.id)
