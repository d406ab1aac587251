"""
Open work in memory: what is due, who holds it, what was given up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush, nsmallest
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

import attrs

from ..._model.commit import Commit
from ..._model.values import to_utc
from ..._model.work import Claim, DeadWork, DueDeadline, Work, WorkKind
from ...errors import InputError, LeaseLostError, say
from .._handle import check_kind, check_limit, check_owner, error_text, first_token, lease_end, work_of


_Heap: TypeAlias = list[tuple[datetime, str]]
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_SPARE: Final = 64  # entries of a heap that may be out of date before it is built again


class State(NamedTuple):
    """
    How one piece of work stands: ready, leased, or dead.

    Attributes:
        work: its ``due_at`` is when it may next be claimed.
        owner: who holds it; ``None`` unless leased.
        until: when the lease runs out; ``None`` unless leased.
        error: why it was given up; ``None`` unless dead.
    """

    work: Work
    token: int = 0
    attempts: int = 0
    owner: str | None = None
    until: datetime | None = None
    error: str | None = None

    def as_claim(self) -> Claim:
        """
        Return the claim on leased work.
        """
        return Claim(self.work, self.owner or "", self.token, self.until or _NEVER, self.attempts)


class WorkQueue:
    """
    The open work of a store. Its owner holds a lock around every call; arguments are checked here.

    A change is made in two steps, so that a store can write it in between: a call that
    returns states changes nothing that anybody sees, and :meth:`put` takes them in.
    A claim costs the work it takes times the logarithm of all there is.
    """

    __slots__ = ("_dead", "_leased", "_moved", "_ready", "_states", "_stays")

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._dead: dict[str, None] = {}
        self._stays: dict[tuple[str, int], dict[str, None]] = {}
        # Entries are never taken out of the middle: one that fits its state no more is passed over.
        self._ready: dict[WorkKind, _Heap] = {"notice": [], "deadline": []}  # by the time it is due
        self._leased: dict[WorkKind, _Heap] = {"notice": [], "deadline": []}  # by the end of the lease

        # The latest due time of work whose lease ran out and that waits among what is ready.
        self._moved: dict[WorkKind, datetime] = {"notice": _NEVER, "deadline": _NEVER}

    def state(self, work_id: str) -> State:
        """
        Return how a piece of work stands.

        Raises:
            KeyError: if there is none.
        """
        return self._states[work_id]

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> list[State]:
        """
        Return the work to be leased; call :meth:`put` with it next, or :meth:`put_back`.
        """
        check_kind(kind)
        check_owner(owner)
        check_limit(limit)
        until, at = lease_end(lease, at), to_utc(at, "at")
        if at < self._moved[kind]:
            self._rebuild(kind)  # the caller's clock went back: what was moved may not be due by it
        ready, early = self._ready[kind], self._expired(kind, at)
        found: dict[str, State] = {}
        while ready and ready[0][0] <= at and len(found) < limit:
            state = self._popped(kind, at)
            if state is not None:
                found[state.work.id] = state
        for state in early:
            if len(found) < limit:
                found[state.work.id] = state
            else:
                self._push(state)
        return [
            state._replace(token=state.token + 1, attempts=state.attempts + 1, owner=owner, until=until)
            for state in found.values()
        ]

    def _expired(self, kind: WorkKind, at: datetime) -> list[State]:
        """
        Move leases that ran out to what is ready; return those of work that is not due by this clock.
        """
        leased = self._leased[kind]
        early: list[State] = []
        while leased and leased[0][0] <= at:
            until, work_id = heappop(leased)
            state = self._states.get(work_id)
            if state is None or state.until != until:
                continue
            if state.work.due_at > at:
                early.append(state)
                continue
            self._moved[kind] = max(self._moved[kind], state.work.due_at)
            heappush(self._ready[kind], (state.work.due_at, work_id))
        return sorted(early, key=lambda state: (state.work.due_at, state.work.id))

    def _popped(self, kind: WorkKind, at: datetime) -> State | None:
        due_at, work_id = heappop(self._ready[kind])
        state = self._states.get(work_id)
        if state is None or state.error is not None or state.work.due_at != due_at:
            return None
        if state.until is not None and state.until > at:
            # It was extended after its lease ran out, or the caller's clock went back.
            heappush(self._leased[kind], (state.until, work_id))
            return None
        return state

    def _held(self, claim: Claim) -> State | None:
        state = self._states.get(claim.work.id)
        holds = state is not None and (state.owner, state.token) == (claim.owner, claim.token)
        return state if holds else None

    def held(self, claim: Claim) -> State:
        """
        Return the state of work that a claim still holds.

        Raises:
            LeaseLostError: it does not.
        """
        state = self._held(claim)
        if state is None:
            raise LeaseLostError(claim.work.id)
        return state

    def check_held(self, claims: Iterable[Claim]) -> None:
        """
        Check that claims still hold.

        Raises:
            LeaseLostError: for the first that does not.
        """
        for claim in claims:
            self.held(claim)

    def still_held(self, claims: Iterable[Claim]) -> list[str]:
        """
        Return the ids of the work that these claims still hold.
        """
        return [claim.work.id for claim in claims if self._held(claim) is not None]

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> list[State]:
        """
        Return the work with its new lease.

        Raises:
            LeaseLostError: the claim does not hold.
        """
        until = lease_end(lease, at)
        return [self.held(claim)._replace(until=until)]

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> list[State]:
        """
        Return the work to be tried again, or dead.

        Raises:
            LeaseLostError: the claim does not hold.
        """
        due_at = None if retry_at is None else to_utc(retry_at, "retry_at")
        state = self.held(claim)
        if due_at is None:
            return [state._replace(owner=None, until=None, error=error_text(error))]
        return [state._replace(work=attrs.evolve(state.work, due_at=due_at), owner=None, until=None)]

    def requeue(self, work_id: str, *, at: datetime) -> list[State]:
        """
        Return dead work, ready again.

        Raises:
            InputError: there is no dead work with this id.
        """
        due_at, state = to_utc(at, "at"), self._states.get(work_id)
        if state is None or state.error is None:
            raise InputError("dead work", work_id, say("input.no_dead"))
        return [State(attrs.evolve(state.work, due_at=due_at), state.token)]

    def put(self, states: Iterable[State]) -> None:
        """
        Take in states; each replaces the state with the same id.
        """
        for state in states:
            work = state.work
            self._states[work.id] = state
            if isinstance(work.body, DueDeadline):
                self._stays.setdefault((work.project_id, work.body.visit), {})[work.id] = None
            if state.error is not None:
                self._dead[work.id] = None
                continue
            self._dead.pop(work.id, None)
            self._push(state)

    def put_back(self, states: Iterable[State]) -> None:
        """
        Forget states that could not be written; what they were made from stays.
        """
        for state in states:
            self._push(self._states[state.work.id])

    def _push(self, state: State) -> None:
        work = state.work
        if state.until is None:
            heap, entry = self._ready[work.kind], (work.due_at, work.id)
        else:
            heap, entry = self._leased[work.kind], (state.until, work.id)
        heappush(heap, entry)
        if len(heap) > _SPARE + 2 * len(self._states):
            self._rebuild(work.kind)

    def _rebuild(self, kind: WorkKind) -> None:
        alive = [state for state in self._states.values() if state.work.kind == kind and state.error is None]
        self._ready[kind] = [(state.work.due_at, state.work.id) for state in alive if state.until is None]
        self._leased[kind] = [(state.until, state.work.id) for state in alive if state.until is not None]
        self._moved[kind] = _NEVER
        heapify(self._ready[kind])
        heapify(self._leased[kind])

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work is due or its lease runs out, or ``None``.
        """
        check_kind(kind)
        times = self._first(self._ready[kind]), self._first(self._leased[kind])
        return min((at for at in times if at is not None), default=None)

    def upcoming(self, kind: WorkKind, *, until: datetime, after: Work | None, limit: int) -> list[Work]:
        """
        Return open work that is due by *until*, behind *after*, earliest first, ties by id.
        """
        check_kind(kind)
        check_limit(limit)
        end, begin = to_utc(until, "until"), (_NEVER, "") if after is None else (after.due_at, after.id)
        works = (state.work for state in self._states.values() if state.error is None)
        found = (work for work in works if work.kind == kind and work.due_at <= end)
        return nsmallest(limit, (each for each in found if _when(each) > begin), key=_when)

    def _first(self, heap: _Heap) -> datetime | None:
        while heap:
            at, work_id = heap[0]
            state = self._states.get(work_id)
            if state is not None and state.error is None and at == (state.until or state.work.due_at):
                return at
            heappop(heap)
            if state is not None and state.error is None and state.until is not None:
                # A lease that ran out and was extended: its entry belongs to the other heap.
                heappush(self._leased[state.work.kind], (state.until, work_id))
        return None

    def dead(self, kind: WorkKind, limit: int) -> tuple[DeadWork, ...]:
        """
        Return work that was given up, by id.
        """
        check_kind(kind)
        check_limit(limit)
        found = (self._states[work_id] for work_id in sorted(self._dead))
        dead = (DeadWork(each.work, each.attempts, each.error or "") for each in found if each.work.kind == kind)
        return tuple(islice(dead, limit))

    def finish(self, work_ids: Iterable[str]) -> None:
        """
        Take out work that is done, or no longer wanted.
        """
        for work_id in work_ids:
            state = self._states.pop(work_id, None)
            self._dead.pop(work_id, None)
            if state is not None and isinstance(state.work.body, DueDeadline):
                stay = state.work.project_id, state.work.body.visit
                self._stays[stay].pop(work_id)
                if not self._stays[stay]:
                    del self._stays[stay]

    def apply(self, commit: Commit) -> None:
        """
        Take in a commit that was checked and stored.
        """
        self.finish(claim.work.id for claim in commit.done)
        for stay in commit.dropped:
            self.finish(tuple(self._stays.get(stay, ())))
        for work in work_of(commit):
            old = self._states.get(work.id)
            first = first_token(work, commit)
            self.put((State(work, first if old is None else max(first, old.token + 1)),))


def _when(work: Work) -> tuple[datetime, str]:
    return work.due_at, work.id
