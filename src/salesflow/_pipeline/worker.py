"""
What comes after a commit: deadlines that pass, and notices to deliver.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Any, Final, TypeAlias

import attrs

from .._model.commit import Append, Commit
from .._model.facts import Fact, Notice
from .._model.project import evolve
from .._model.values import Actor
from .._model.work import Claim, DueDeadline, WorkKind
from ..errors import InputError, LeaseLostError, SalesflowError, VersionConflictError
from .advice import Counsel
from .queries import TRIES, record
from .results import ListenerFailure, WorkFailure, WorkReport


Send: TypeAlias = Callable[[Notice, str], Any]
"""Delivers a notice; the second argument is an id that is the same when it is tried again.
It raises or returns ``False`` if the notice was not delivered."""

CLOCKWORK: Final = Actor("salesflow")
"""Who acts when a deadline passes."""

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
class _Round:
    done: int = 0
    void: int = 0
    failures: list[WorkFailure] = attrs.field(factory=list[WorkFailure])
    told: list[ListenerFailure] = attrs.field(factory=list[ListenerFailure])

    def report(self) -> WorkReport:
        return WorkReport(self.done, self.void, tuple(self.failures), tuple(self.told))


class Clerk(Counsel):
    """
    The working half of a pipeline. Use :class:`salesflow.Pipeline`.
    """

    def tick(
        self,
        at: datetime | None = None,
        *,
        owner: str | None = None,
        limit: int = 100,
        lease: timedelta = timedelta(minutes=1),
    ) -> WorkReport:
        """
        Act on the deadlines that have passed by *at*, at most *limit* of them. Nothing fires early.

        Safe in several processes at once: each deadline of each stay passes once. Those of several
        projects may be written in one commit, and a listener is told of each fact on its own.

        Args:
            at: by default the clock's time.
            owner: who does it; by default this process and thread.
        """
        now = self._when(at, None)
        work = _Round()
        claims = self._claims("deadline", now, owner, limit, lease)
        for first in range(0, len(claims), _TOGETHER):
            for claim in self._pass_together(claims[first : first + _TOGETHER], now, work):
                try:
                    self._pass(claim, now, work)
                except LeaseLostError:
                    work.void += 1  # somebody else was faster, and has done it
                except SalesflowError as error:
                    self._put_off(claim, now, work, str(error))
        return work.report()

    def deliver(
        self,
        send: Send | None = None,
        *,
        at: datetime | None = None,
        owner: str | None = None,
        limit: int = 100,
        lease: timedelta = timedelta(minutes=1),
    ) -> WorkReport:
        """
        Deliver notices that are due, at most *limit* of them; at least once each.

        What fails is tried again, later each time, and given up after about three days.

        Args:
            send: delivers one; by default the plugins that implement ``salesflow_notify`` do.

        Raises:
            InputError: if nobody is there to deliver.
        """
        deliver = send or self._notifier()
        now = self._when(at, None)
        work = _Round()
        for claim in self._claims("notice", now, owner, limit, lease):
            if not isinstance(claim.work.body, Notice):  # pragma: no cover -- the kind says what it is
                continue
            try:
                failed = "it was not delivered" if deliver(claim.work.body, claim.work.id) is False else None
            except Exception as error:  # noqa: BLE001 -- isolated: the notice stays, with the error
                failed = f"{type(error).__name__}: {error}"
            if failed is not None:
                self._put_off(claim, now, work, failed)
                continue
            try:
                self.store.commit(Commit(done=(claim,)))
                work.done += 1
            except LeaseLostError:
                work.void += 1  # it took longer than the lease; whoever has it now delivers it again
        return work.report()

    def _claims(
        self, kind: WorkKind, at: datetime, owner: str | None, limit: int, lease: timedelta
    ) -> tuple[Claim, ...]:
        who = owner or f"{platform.node()}:{os.getpid()}:{threading.get_ident()}"
        return tuple(self.store.claim(kind, owner=who, limit=limit, lease=lease, at=at))

    def _notifier(self) -> Send:
        notifiers = [notify for one in self._lifecycles.values() for _, notify in one.plugins.notifiers]
        if not notifiers:
            raise InputError("send=", None, "Pass a function that delivers, or a plugin with salesflow_notify.")
        asked = tuple(dict.fromkeys(notifiers))  # a plugin that several lifecycles were built with is asked once

        def send(notice: Notice, _work_id: str) -> bool:
            answers = [notify(notice) for notify in asked]  # all of them, also after one said yes
            return any(answers)

        return send

    def _pass_together(self, claims: Sequence[Claim], now: datetime, work: _Round) -> Sequence[Claim]:
        """
        Let the deadlines of several projects pass in one commit; return the claims that are left.

        Whatever stands against one of them leaves all of them, to be acted on one by one.
        """
        if len(claims) < 2:
            return claims
        planned: dict[str, Commit] = {}
        left: list[Claim] = []
        try:
            for claim in claims:
                project_id = claim.work.project_id
                commit = None if project_id in planned else self._passing(claim, claim.work.body, now)
                if commit is None or commit.appends[0].fact.at != now:  # notices take their time from the first fact
                    left.append(claim)
                else:
                    planned[project_id] = commit
            parts = planned.values()
            notices = tuple(chain.from_iterable(part.notices for part in parts))
            done = tuple(part.done[0] for part in parts)
            if done:
                work.told += record(self, Commit(tuple(part.appends[0] for part in parts), notices, done=done))
        except SalesflowError:
            return claims
        work.done += len(done)
        return left

    def _pass(self, claim: Claim, now: datetime, work: _Round) -> None:
        due = claim.work.body
        for left in reversed(range(TRIES)):  # pragma: no branch -- the last try returns or raises
            commit = self._passing(claim, due, now)
            if commit is None:
                self.store.commit(Commit(done=(claim,)))
                work.void += 1
                return
            try:
                work.told += record(self, commit)
            except VersionConflictError:
                if not left:
                    raise
                continue
            work.done += 1
            return

    def _passing(self, claim: Claim, due: Notice | DueDeadline, now: datetime) -> Commit | None:
        if not isinstance(due, DueDeadline):  # pragma: no cover -- the kind says what it is
            return None
        project = self.get(due.project_id)
        lifecycle = self.lifecycle_of(project)
        at = max(now, project.updated_at)
        planned = lifecycle.pass_deadline(project, due, actor=CLOCKWORK, at=at)
        if planned is None:
            return None
        body, notices = planned
        # It needs no key: the claim is finished with the fact, and a stay knows what has passed.
        fact = Fact(project.id, project.version + 1, at, CLOCKWORK, lifecycle.id, lifecycle.version, body)
        append = Append(project.version, fact, evolve(project, fact))
        return Commit((append,), notices, done=(claim,))

    def _put_off(self, claim: Claim, now: datetime, work: _Round, error: str) -> None:
        again = retry_at(claim, now)
        try:
            self.store.release(claim, retry_at=again, error=error)
        except LeaseLostError:
            work.void += 1
        else:
            work.failures.append(WorkFailure(claim.work, error, again))
