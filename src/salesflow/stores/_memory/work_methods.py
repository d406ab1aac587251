"""
What the stores that keep their open work in memory have in common.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import attrs

from ..._model.values import to_utc
from ..._model.work import Claim, DeadWork, WorkKind
from .._checks import StoreHandle, check_kind, check_limit, check_owner, error_text, lease_end
from .work_queue import State, WorkQueue


class Working(StoreHandle, ABC):
    """
    The half of a store that hands out work.
    """

    _work: WorkQueue

    @abstractmethod
    def _reading(self) -> AbstractContextManager[object]:
        """
        Hold the lock of what is in memory, of an open store.
        """

    @abstractmethod
    def _change_work(self, change: Callable[[WorkQueue], list[State]]) -> list[State]:
        """
        Call *change*, make what it returns durable, and let the queue take it in.
        """

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.

        Work whose lease has run out is given out again, with a higher token.

        Raises:
            InputError: for a limit below 1, a lease that is not positive, an unknown kind,
                an owner without a name, or a time without a zone.
        """
        check_kind(kind)
        check_owner(owner)
        check_limit(limit)
        until = lease_end(lease, at)
        now = to_utc(at, "at")
        found = self._change_work(lambda queue: queue.claim(kind, owner=owner, limit=limit, until=until, at=now))
        return tuple(Claim(each.work, owner, each.token, until, each.attempts) for each in found)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out, as long as nobody took the work.

        Raises:
            LeaseLostError: somebody else may hold it.
            InputError: for a lease that is not positive, or a time without a zone.
        """
        until = lease_end(lease, at)
        self._change_work(lambda queue: queue.extend(claim, until=until))
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
        then = None if retry_at is None else to_utc(retry_at, "retry_at")
        text = error_text(error)
        self._change_work(lambda queue: queue.release(claim, retry_at=then, error=text))

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.

        Raises:
            InputError: for an unknown kind.
        """
        check_kind(kind)
        with self._reading():
            return self._work.next_due(kind)

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.

        Raises:
            InputError: for an unknown kind, or a limit below 1.
        """
        check_kind(kind)
        check_limit(limit)
        with self._reading():
            return tuple(self._work.dead(kind, limit))

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted anew.

        Raises:
            InputError: there is no dead work with this id, or the time has no zone.
        """
        now = to_utc(at, "at")
        self._change_work(lambda queue: queue.requeue(work_id, at=now))
