"""
Small builders for the tests of stores: facts, commits, and a dump of everything.
"""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from salesflow import Actor, Fact, Project
from salesflow.stores import SqliteStore
from salesflow.typing import (
    Append,
    Attempt,
    Change,
    Changed,
    Commit,
    DueDeadline,
    FieldSet,
    Key,
    Notice,
    Opened,
    Transitioned,
)

from ..inside.builders import after, frozen


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEGMENT = f"{1:020}.sfj"
"""The file that a journal begins with; the name is part of the format."""

ACTOR = Actor("li.wei", roles={"project_lead"})


def fact(body: Any, *, project_id: str = "P-1", version: int = 1, key: str | None = None) -> Fact:
    """A fact of the short lifecycle that these tests pretend to have."""
    return Fact(project_id, version, NOW + timedelta(minutes=version), ACTOR, "short", "1", body, key)


def opened(
    project_id: str = "P-1", *changes: Change, owner: str | None = None, stage: str = "lead", name: str = "Upgrade"
) -> Append:
    """The opening of a project."""
    if owner is not None:
        changes = (*changes, FieldSet("owner", owner))
    first = fact(Opened(name, stage, "undecided", changes), project_id=project_id)
    return Append(0, first, after(None, first))


def grown(project: Project, body: Any, *, key: str | None = None) -> Append:
    """One more fact of a project."""
    then = fact(body, project_id=project.id, version=project.version + 1, key=key)
    return Append(project.version, then, after(project, then))


def changed(project: Project, *changes: Change) -> Append:
    """A change within a stage."""
    return grown(project, Changed(changes or (FieldSet("amount", project.version),)))


def moved(project: Project, target: str = "offer", *, outcome: str = "undecided") -> Append:
    """A move to another stage."""
    return grown(project, Transitioned("go", "go", "forward", project.stage, target, outcome))


def commit(
    *appends: Append, key: Key | None = None, notices: Any = (), attempts: Any = (), **work: tuple[Any, ...]
) -> Commit:
    """A commit of these appends."""
    parts = {name: tuple(each) for name, each in work.items()}
    return Commit(appends, tuple(notices), tuple(attempts), key, **parts)


def key(name: str = "k-1", *, project_id: str = "P-1", request: str = "a") -> Key:
    """A key; *request* is one letter that stands for what was asked."""
    return Key(project_id, name, request * 64)


def attempt(project_id: str = "P-1", *, trigger: str = "go") -> Attempt:
    """A refused attempt."""
    return Attempt(project_id, 1, NOW, "li.wei", trigger, ("budget:field.missing",))


def notice(project_id: str = "P-1", **params: Any) -> Notice:
    """A notice to the team."""
    return Notice(project_id, 1, ("team", "role:ceo"), "stage.entered", frozen(params))


def due(project_id: str = "P-1", *, visit: int = 1, deadline: str = "sla", days: float = 0) -> DueDeadline:
    """A deadline so many days from now."""
    return DueDeadline(project_id, visit, "lead", deadline, NOW + timedelta(days=days))


def claimed(store: Any, kind: Any = "notice", *, owner: str = "w-1", limit: int = 100, days: float = 1) -> Any:
    """What somebody takes on for an hour, so many days from now."""
    return store.claim(kind, owner=owner, limit=limit, lease=timedelta(hours=1), at=NOW + timedelta(days=days))


def write(store: Any, *appends: Append) -> Project:
    """Commit each append on its own; return the last head."""
    for each in appends:
        store.commit(commit(each))
    return appends[-1].project


def grow(store: Any, project_id: str = "P-1", *, facts: int = 3) -> Project:
    """Open a project and change it until it has so many facts."""
    project = write(store, opened(project_id))
    for _ in range(facts - 1):
        project = write(store, changed(project))
    return project


def work_in(store: Any) -> list[Any]:
    """Open work as the store keeps it, by id."""
    if isinstance(store, SqliteStore):
        return store._db.read(lambda cursor: cursor.execute("SELECT * FROM sf_work ORDER BY id").fetchall())
    return sorted(store._work._states.values(), key=lambda state: state.work.id)


def dump(store: Any) -> tuple[Any, ...]:
    """Everything a store can be asked for."""
    facts = store.feed(limit=100_000).facts
    ids = sorted({each.project_id for each in facts})
    return (
        facts,
        [store.head(each) for each in ids],
        [list(store.load(each)) for each in ids],
        store.find(limit=100_000),
        [store.attempts(each) for each in ids],
        work_in(store),
    )


def io_error(number: int = errno.EIO) -> OSError:
    """What the system says when a medium fails."""
    return OSError(number, os.strerror(number))
