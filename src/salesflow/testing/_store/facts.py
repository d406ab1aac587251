"""
Small builders for checks of stores: facts, commits, work, and a dump of everything.

They pretend a short lifecycle with the stages ``lead``, ``offer`` and ``won``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ... import Fact, Project
from ..._model.fold import evolve
from ..._model.frozen import FrozenDict
from ..._model.values import Actor, to_utc
from ...typing import (
    Append,
    Attempt,
    Body,
    Change,
    Changed,
    Claim,
    Commit,
    DueDeadline,
    FieldSet,
    Key,
    Notice,
    Opened,
    Reparented,
    Store,
    Transitioned,
    Work,
    WorkKind,
)


NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When everything happens that is given no other time."""

LEASE: Final = timedelta(minutes=1)
"""How long work is claimed that is given no other lease."""

_EVERYTHING: Final = 100_000
_LATE: Final = timedelta(milliseconds=1)  # facts are recorded a little after they happen


def _append(project: Project | None, project_id: str, body: Body, at: datetime, key: str | None) -> Append:
    version, at = 0 if project is None else project.version, to_utc(at, "at")
    actor = Actor("li.wei", roles={"project_lead"})
    fact = Fact(project_id, version + 1, at, actor, "short", "1", body, key, recorded_at=at + _LATE)
    return Append(version, fact, evolve(project, fact))


def opened(
    project_id: str = "P-1",
    *changes: Change,
    owner: str | None = None,
    stage: str = "lead",
    at: datetime = NOW,
    key: str | None = None,
    parent: str | None = None,
) -> Append:
    """
    Return the opening of a project.

    Args:
        owner: the value of its field ``owner``.
        key: the text of the idempotency key that the fact carries.
    """
    given = changes if owner is None else (*changes, FieldSet("owner", owner))
    return _append(None, project_id, Opened("Upgrade", stage, "undecided", given, parent), at, key)


def changed(project: Project, *changes: Change, at: datetime = NOW, key: str | None = None) -> Append:
    """
    Return a change of *project* within its stage.
    """
    body = Changed(changes or (FieldSet("amount", project.version),))
    return _append(project, project.id, body, at, key)


def moved(
    project: Project, target: str = "offer", *, outcome: str = "undecided", at: datetime = NOW, kind: str = "forward"
) -> Append:
    """
    Return a move of *project* to another stage.
    """
    return _append(project, project.id, Transitioned("go", "go", kind, project.stage, target, outcome), at, None)


def reparented(project: Project, parent: str | None, *, at: datetime = NOW) -> Append:
    """
    Return that *project* is put under another parent.
    """
    return _append(project, project.id, Reparented(parent, project.parent), at, None)


def commit(
    *appends: Append,
    key: Key | None = None,
    notices: Iterable[Notice] = (),
    attempts: Iterable[Attempt] = (),
    dues: Iterable[DueDeadline] = (),
    dropped: Iterable[tuple[str, int]] = (),
    done: Iterable[Claim] = (),
    work: Iterable[Work] = (),
) -> Commit:
    """
    Return a commit of these parts.
    """
    parts = tuple(notices), tuple(attempts), key, tuple(dues), tuple(dropped), tuple(done), tuple(work)
    return Commit(appends, *parts)


def key(name: str = "k-1", *, project_id: str = "P-1", request: str = "a") -> Key:
    """
    Return an idempotency key; *request* is one letter that stands for what was asked.
    """
    return Key(project_id, name, request * 64)


def attempt(project_id: str = "P-1", *, trigger: str = "go") -> Attempt:
    """
    Return a refused attempt.
    """
    return Attempt(project_id, 1, NOW, "li.wei", trigger, ("budget:field.missing",), "go")


def notice(project_id: str = "P-1", version: int = 1, **params: Any) -> Notice:
    """
    Return a notice to the team.
    """
    return Notice(project_id, version, ("team", "role:ceo"), "stage.entered", FrozenDict(params))


def due(
    project_id: str = "P-1", deadline: str = "sla", *, visit: int = 1, at: datetime = NOW, stage: str = "lead"
) -> DueDeadline:
    """
    Return a deadline of a stay.
    """
    return DueDeadline(project_id, visit, stage, deadline, at)


def write(store: Store, *appends: Append) -> Project:
    """
    Commit each append on its own; return the last head.
    """
    for each in appends:
        store.commit(commit(each))
    return appends[-1].project


def grow(store: Store, project_id: str = "P-1", *, facts: int = 3) -> Project:
    """
    Open a project and change it until it has so many facts.
    """
    project = write(store, opened(project_id))
    for _ in range(facts - 1):
        project = write(store, changed(project))
    return project


def claim(
    store: Store, kind: WorkKind = "notice", *, owner: str = "worker", limit: int = 100, at: datetime = NOW
) -> list[Claim]:
    """
    Claim what is due at *at*, for :data:`LEASE`.
    """
    return list(store.claim(kind, owner=owner, limit=limit, lease=LEASE, at=at))


def dump(store: Store) -> tuple[Any, ...]:
    """
    Return everything that a store can be asked for without changing it.
    """
    facts = store.feed(limit=_EVERYTHING).facts
    ids = sorted({each.project_id for each in facts})
    return (
        facts,
        [store.head(each) for each in ids],
        [list(store.load(each)) for each in ids],
        list(store.find(limit=_EVERYTHING)),
        [list(store.attempts(each)) for each in ids],
        store.next_due("notice"),
        store.next_due("deadline"),
        list(store.dead("notice", limit=_EVERYTHING)),
        list(store.dead("deadline", limit=_EVERYTHING)),
    )
