"""
Stands between a pipeline and its store: remembers what was committed, as it was then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import attrs

from ..._model.facts import Attempt, EntryPut, Fact, Opened
from ..._model.project import Project, evolve
from ..._model.work import Claim, DeadWork, WorkKind
from ...typing import Capabilities, Commit, Committed, Key, Page, Store, StoreCheck


class Relay:
    """
    A store that passes every call on, and keeps a ledger of its own.

    Attributes:
        inner: the store that is watched.
        facts: the committed facts by project, their entries copied before anybody could change them.
        heads: what those facts add up to.
        outdated: facts that were taken in although their project had moved on.
        meanwhile: called once, before the next commit of a fact: what another process does then.
    """

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.facts: dict[str, list[Fact]] = {}
        self.heads: dict[str, Project] = {}
        self.outdated: list[Fact] = []
        self.meanwhile: Callable[[], Any] | None = None

    @property
    def caps(self) -> Capabilities:
        return self.inner.caps

    def commit(self, commit: Commit) -> Committed:
        if commit.appends and self.meanwhile is not None:
            other, self.meanwhile = self.meanwhile, None
            other()
        kept = [(append.expected, _copied(append.fact)) for append in commit.appends]
        done = self.inner.commit(commit)
        for expected, fact in [] if done.replayed else kept:
            known = self.facts.setdefault(fact.project_id, [])
            if expected != len(known):
                self.outdated.append(fact)
                continue
            known.append(fact)
            head = None if isinstance(fact.body, Opened) else self.heads.get(fact.project_id)
            self.heads[fact.project_id] = evolve(head, fact)
        return done

    def batch(self) -> AbstractContextManager[Any]:
        """
        Pass on the batch of a store that has one.
        """
        batch: Callable[[], AbstractContextManager[Any]] = getattr(self.inner, "batch", nullcontext)
        return batch()

    def head(self, project_id: str) -> Project | None:
        return self.inner.head(project_id)

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        return self.inner.load(project_id, after=after, upto=upto)

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        return self.inner.feed(after, limit=limit)

    def find(
        self,
        *,
        stage: str | None = None,
        owner: str | None = None,
        outcome: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[Project]:
        return self.inner.find(stage=stage, owner=owner, outcome=outcome, after=after, limit=limit)

    def committed(self, key: Key) -> Fact | None:
        return self.inner.committed(key)

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        return self.inner.attempts(project_id)

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        return self.inner.claim(kind, owner=owner, limit=limit, lease=lease, at=at)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        return self.inner.extend(claim, lease=lease, at=at)

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        self.inner.release(claim, retry_at=retry_at, error=error)

    def next_due(self, kind: WorkKind) -> datetime | None:
        return self.inner.next_due(kind)

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        return self.inner.dead(kind, limit=limit)

    def requeue(self, work_id: str, *, at: datetime) -> None:
        self.inner.requeue(work_id, at=at)

    def check(self, *, deep: bool = False) -> StoreCheck:
        return self.inner.check(deep=deep)

    def purge(self, *, keys_before: datetime) -> int:
        return self.inner.purge(keys_before=keys_before)

    def close(self) -> None:
        self.inner.close()


def _copied(fact: Fact) -> Fact:
    """
    Return a fact that shares no entry with the one that is committed.
    """
    changes = tuple(
        EntryPut(deepcopy(each.entry)) if isinstance(each, EntryPut) else each for each in fact.body.changes
    )
    return attrs.evolve(fact, body=attrs.evolve(fact.body, changes=changes))
