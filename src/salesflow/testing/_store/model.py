"""
What a store should answer, in dictionaries: the plain model that real stores are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import attrs

from ... import Fact, Project
from ...errors import InputError, KeyReusedError, LeaseLostError, VersionConflictError
from ...stores.adapting import deadline_work, notice_work
from ...typing import Claim, Commit, Committed, DeadWork, DueDeadline, Work, WorkKind
from .facts import NOW


@attrs.define
class _Row:
    work: Work
    status: Literal["ready", "leased", "dead"] = "ready"
    owner: str = ""
    token: int = 0
    until: datetime = NOW
    attempts: int = 0
    error: str = ""

    def due_at(self) -> datetime:
        return self.until if self.status == "leased" else self.work.due_at


class Model:
    """
    Facts in a list; heads, keys and work in dictionaries.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.heads: dict[str, Project] = {}
        self._keys: dict[tuple[str, str], tuple[str, Fact]] = {}
        self._work: dict[str, _Row] = {}

    def commit(self, commit: Commit) -> Committed:
        """
        Take in a commit: the key first, then versions, then claims, then everything else.
        """
        used = commit.key and self._keys.get((commit.key.project_id, commit.key.key))
        if commit.key and used:
            if used[0] != commit.key.fingerprint:
                raise KeyReusedError(commit.key.project_id, commit.key.key)
            for each in filter(self._holds, commit.done):
                del self._work[each.work.id]
            return Committed(used[1], replayed=True)
        for append in commit.appends:
            actual = getattr(self.heads.get(append.project.id), "version", 0)
            if actual != append.expected:
                raise VersionConflictError(append.project.id, append.expected, actual)
        for each in commit.done:
            self._held(each)
        self._write(commit)
        return Committed(commit.appends[0].fact if commit.appends else None)

    def _write(self, commit: Commit) -> None:
        for each in commit.done:
            del self._work[each.work.id]
        for append in commit.appends:
            self.facts.append(append.fact)
            self.heads[append.project.id] = append.project
        if commit.key:
            self._keys[commit.key.project_id, commit.key.key] = commit.key.fingerprint, commit.appends[0].fact
        for number, notice in enumerate(commit.notices):
            work = notice_work(notice, number, commit.appends[0].fact.at)
            self._work[work.id] = _Row(work)
        for stay in commit.dropped:
            for work_id in [each for each, row in self._work.items() if _stay(row.work) == stay]:
                del self._work[work_id]
        for due in commit.dues:
            work = deadline_work(due)
            before = self._work.get(work.id)
            self._work[work.id] = _Row(work, token=before.token if before else 0)

    def claimable(self, kind: WorkKind, limit: int, at: datetime) -> list[Work]:
        """
        Return the work that a claim should get, in order.
        """
        rows = [row for row in self._work.values() if row.work.kind == kind and row.status != "dead"]
        rows = [row for row in rows if row.due_at() <= at]
        return [row.work for row in sorted(rows, key=lambda row: (row.work.due_at, row.work.id))[:limit]]

    def claimed(self, claim: Claim, lease: timedelta, at: datetime) -> Claim:
        """
        Note that a store gave out a claim; return it as it should have been.

        The numbers of tokens are the store's choice, as long as they grow.
        """
        row = self._work[claim.work.id]
        row.token = max(claim.token, row.token + 1)
        row.status, row.owner, row.until, row.attempts = "leased", claim.owner, at + lease, row.attempts + 1
        return Claim(row.work, row.owner, row.token, row.until, row.attempts)

    def extend(self, claim: Claim, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim for longer.
        """
        row = self._held(claim)
        row.until = at + lease
        return attrs.evolve(claim, until=row.until)

    def release(self, claim: Claim, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, or up.
        """
        row = self._held(claim)
        if retry_at is None:
            row.status, row.error = "dead", error
        else:
            row.status, row.work = "ready", attrs.evolve(row.work, due_at=retry_at)

    def requeue(self, work_id: str, at: datetime) -> None:
        """
        Bring dead work back.
        """
        row = self._work.get(work_id)
        if row is None or row.status != "dead":
            raise InputError("work", work_id, "There is no dead work with this id.")
        row.status, row.attempts, row.work = "ready", 0, attrs.evolve(row.work, due_at=at)

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when there is something to do.
        """
        rows = [row for row in self._work.values() if row.work.kind == kind and row.status != "dead"]
        return min((row.due_at() for row in rows), default=None)

    def dead(self, kind: WorkKind) -> list[tuple[str, int, str]]:
        """
        Return id, attempts and error of what was given up, by id.
        """
        rows = [row for row in self._work.values() if row.work.kind == kind and row.status == "dead"]
        return sorted((row.work.id, row.attempts, row.error) for row in rows)

    def purge(self, before: datetime) -> int:
        """
        Forget old keys.
        """
        old = [key for key, (_, fact) in self._keys.items() if fact.at < before]
        for key in old:
            del self._keys[key]
        return len(old)

    def _holds(self, claim: Claim) -> bool:
        row = self._work.get(claim.work.id)
        return row is not None and (row.status, row.owner, row.token) == ("leased", claim.owner, claim.token)

    def _held(self, claim: Claim) -> _Row:
        if not self._holds(claim):
            raise LeaseLostError(claim.work.id)
        return self._work[claim.work.id]


def _stay(work: Work) -> tuple[str, int] | None:
    return (work.project_id, work.body.visit) if isinstance(work.body, DueDeadline) else None


def dead_rows(found: Sequence[DeadWork]) -> list[tuple[str, int, str]]:
    """
    Return what a store lists as dead, as :meth:`Model.dead` puts it.
    """
    return [(each.work.id, each.attempts, each.error) for each in found]
