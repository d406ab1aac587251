"""
The worker: acts on deadlines that have passed, and gives back work that failed.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import attrs

from .._lifecycle.cadence_dues import all_dues
from .._lifecycle.deadlines import all_watched, was_missed
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.planned_work import all_plans
from .._lifecycle.rhythms import looks
from .._model.commit import Commit
from .._model.facts import DeadlinePassed
from .._model.project import Project
from .._model.work import WATCH, Claim, DueDeadline, WorkKind
from ..errors import LeaseLostError, SalesflowError
from ..stores.adapting import every
from .entry_deadlines import pass_entry
from .entry_lifecycles import timed_entries, watched_of_entry
from .queries import batch
from .recorder import SYSTEM_ACTOR, Draft, Moment, NothingToWrite, commit, joined, make_draft, stage, write
from .reminders import counted_again, done_beside, wake
from .results import ListenerFailure, WorkFailure, WorkReport
from .runtime import Runtime, WriteTime, deciding_lifecycle, lifecycle_of, project_of, times_of
from .slots import missed
from .watch import pass_look


_FIRST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(hours=12)
_TRIES: Final = 19  # about three days
_TOGETHER: Final = 16  # deadlines that pass in one commit; more of them would keep other writers waiting


def retry_at(claim: Claim, at: datetime) -> datetime | None:
    """
    Return when failed work is tried again: after 5 s, doubling up to 12 h; ``None`` after three days.

    A tenth more or less, by the work's id, keeps what failed together from coming back together.
    """
    if claim.attempts >= _TRIES:
        return None
    share = int(sha256(f"{claim.work.id}{claim.attempts}".encode()).hexdigest()[:4], 16) / 0xFFFF
    pause: timedelta = min(_FIRST * 2 ** (claim.attempts - 1), _LONGEST)
    return at + pause * (0.9 + share / 5)


@attrs.define
class Tally:
    """
    Counts what a call has done so far.
    """

    done: int = 0
    void: int = 0
    later: int = 0
    failures: list[WorkFailure] = attrs.field(factory=list[WorkFailure])
    listener_failures: list[ListenerFailure] = attrs.field(factory=list[ListenerFailure])

    def count(self, commits: Iterable[Commit]) -> None:
        """
        Count work that is finished: as void where nothing came of it.
        """
        for each in commits:
            acted = bool(each.appends or each.dues or each.opened)
            self.done += acted
            self.void += not acted

    def report(self) -> WorkReport:
        return WorkReport(self.done, self.void, tuple(self.failures), tuple(self.listener_failures), self.later)


def unstopped() -> bool:
    """
    Say that nobody asked to stop.
    """
    return False


def tick(
    runtime: Runtime,
    when: WriteTime,
    owner: str | None,
    limit: int,
    lease: timedelta,
    stopped: Callable[[], bool] = unstopped,
) -> WorkReport:
    """
    Act on the deadlines that have passed; see :meth:`salesflow.Pipeline.tick`.

    Args:
        stopped: asked between two commits; what is left then is given back.
    """
    now, recorded_at = times_of(runtime, when, None, "")
    runtime = attrs.evolve(runtime, clock=lambda: recorded_at)  # one call has one time
    tally = Tally()
    wake(runtime, now)
    claims = claims_of(runtime, "deadline", now, owner, limit, lease)
    for first in range(0, len(claims), _TOGETHER):
        if stopped():
            give_back(runtime, claims[first:], now, tally)
            break
        for claim in _pass_together(runtime, claims[first : first + _TOGETHER], now, tally):
            _pass(runtime, claim, now, tally)
    return tally.report()


def _pass_together(runtime: Runtime, claims: Sequence[Claim], now: datetime, tally: Tally) -> Sequence[Claim]:
    """
    Let the deadlines of several projects pass in one commit; return the claims that are left.

    Whatever is against one of them leaves all of them, to be acted on one by one.
    """
    if len(claims) < 2:
        return claims
    staged: dict[str, Commit] = {}
    left: list[Claim] = []
    try:
        for claim in claims:
            project = project_of(runtime, claim.work.project_id)
            at, recorded_at = times_of(runtime, _waiting(now), project, project.id)
            moment = Moment(project.id, project, deciding_lifecycle(runtime, project), SYSTEM_ACTOR, at, recorded_at)
            if project.id in staged or at != now:
                left.append(claim)
                continue
            try:
                staged[project.id] = stage(moment, _passing(moment, (runtime, claim)), None, (claim,))
            except NothingToWrite:
                staged[project.id] = done_beside(runtime, claim, now)
        if staged:
            _, failures = commit(runtime, joined(list(staged.values())))
            tally.listener_failures += failures
    except SalesflowError:
        return claims
    tally.count(staged.values())
    return left


def _pass(runtime: Runtime, claim: Claim, now: datetime, tally: Tally) -> None:
    """
    Let one deadline pass. It needs no key: the claim is finished with the fact, and a stay knows what has passed.
    """
    try:
        try:
            passed = write(
                runtime, claim.work.project_id, _passing, (runtime, claim), SYSTEM_ACTOR, _waiting(now), done=(claim,)
            )
        except NothingToWrite:  # it does not concern the project any more, or writes no fact
            beside = done_beside(runtime, claim, now)
            commit(runtime, beside)
            tally.count((beside,))
        else:
            tally.done += 1
            tally.listener_failures += passed.listener_failures
    except LeaseLostError:
        tally.void += 1  # somebody else was faster, and has done it
    except SalesflowError as error:
        put_off(runtime, claim, retry_at(claim, now), tally, str(error))


def _waiting(now: datetime) -> WriteTime:
    # Its time was checked once for all; a deadline passes no earlier than the last fact of its project.
    return WriteTime(now, ahead=True, waits=True)


def _passing(moment: Moment[Project], asked: tuple[Runtime, Claim]) -> Draft:
    runtime, claim = asked
    due = claim.work.body
    if not isinstance(due, DueDeadline):  # pragma: no cover -- the kind says what it is
        raise NothingToWrite
    project = moment.project
    if due.entry:
        return pass_entry(moment, runtime, due)
    if due.slot is not None:
        return missed(moment, runtime, due, due.slot)
    if due.part == WATCH:
        return pass_look(moment, runtime, due)
    if due.part:
        return counted_again(moment, due)
    if project.visit.number != due.visit:
        if was_missed(runtime.store.load(project.id, upto=project.version), due):
            return make_draft(DeadlinePassed(due.deadline, due.stage, due.visit, due.at, late=True))
        raise NothingToWrite
    planned = moment.lifecycle.pass_deadline(moment.project, due, actor=moment.who, at=moment.at)
    if planned is None:
        raise NothingToWrite
    return make_draft(*planned)


def rearm(runtime: Runtime, project_id: str | None) -> int:
    """
    Watch the deadlines and cadences of projects again; see :meth:`salesflow.Pipeline.rearm`.
    """
    armed, now = 0, runtime.clock()
    with batch(runtime):
        for project in _rearmed(runtime, project_id):
            lifecycle = lifecycle_of(runtime, project)
            slots = all_dues(lifecycle.cadences, project, runtime.store.load(project.id), now)
            again = watched_again(runtime, lifecycle, project, now)
            dues = (*all_watched(lifecycle.limits, project), *slots, *all_plans(project), *again)
            if dues:
                commit(runtime, Commit(dues=dues))
                armed += sum(not due.part for due in dues)
    return armed


def watched_again(runtime: Runtime, lifecycle: Lifecycle, project: Project, now: datetime) -> Iterator[DueDeadline]:
    """
    Yield when the early warnings of an open project are looked at from now on, and the deadlines of its entries.
    """
    if not lifecycle.stage(project.stage).final:
        yield from looks(lifecycle.rhythms, project, now)
    for each in timed_entries(runtime, project):
        yield from watched_of_entry(runtime, project, each)


def _rearmed(runtime: Runtime, project_id: str | None) -> Iterator[Project]:
    if project_id is not None:
        yield project_of(runtime, project_id)
        return
    for each in every(runtime.store.find, {}):
        if (each.lifecycle, each.lifecycle_version) in runtime.lifecycles:
            yield each


def claims_of(
    runtime: Runtime, kind: WorkKind, at: datetime, owner: str | None, limit: int, lease: timedelta
) -> tuple[Claim, ...]:
    """
    Take on work that is due, by default in the name of this process and thread.
    """
    who = owner or f"{platform.node()}:{os.getpid()}:{threading.get_ident()}"
    return tuple(runtime.store.claim(kind, owner=who, limit=limit, lease=lease, at=at))


def put_off(runtime: Runtime, claim: Claim, again: datetime | None, tally: Tally, error: str) -> None:
    """
    Give work back that failed, to be tried again at a time; without one as dead.
    """
    if release(runtime, claim, again, tally, error):
        tally.failures.append(WorkFailure(claim.work, error, again))


def give_back(runtime: Runtime, claims: Iterable[Claim], now: datetime, tally: Tally) -> None:
    """
    Give work back that was not begun, so that another worker need not wait for the lease to run out.
    """
    for claim in claims:
        release(runtime, claim, now, tally, "")


def release(runtime: Runtime, claim: Claim, again: datetime | None, tally: Tally, error: str) -> bool:
    """
    Give work back; return whether it was still held.
    """
    try:
        runtime.store.release(claim, retry_at=again, error=error)
    except LeaseLostError:
        tally.void += 1
        return False
    return True
