"""
What the facts add up to: the frozen :class:`Project`, and the fold that makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar

import attrs

from ..errors import InputError, SalesflowError
from .facts import Change, Changed, DeadlinePassed, Entry, EntryPut, Fact, FieldSet, Opened, Transitioned
from .frozen import EMPTY, FrozenDict, maker
from .values import Value


E = TypeVar("E")


@attrs.frozen
class Held:
    """
    An entry as the dossier holds it.

    Attributes:
        version: the project's version that put it there.
        at: when that was.
        by: who did it.
    """

    entry: Entry
    version: int
    at: datetime
    by: str


@attrs.frozen(weakref_slot=False)
class Visit:
    """
    One stay in a stage; hold and resume continue it.

    Attributes:
        number: counts a project's visits from 1.
        version: the project's version that began it.
        held: how long holds interrupted it so far.
        passed: the ids of its deadlines that passed.
    """

    number: int
    stage: str
    entered_at: datetime
    version: int
    held: timedelta = timedelta()
    passed: tuple[str, ...] = ()


Fields = FrozenDict[str, Any]
Entries = FrozenDict[str, FrozenDict[str, Held]]


@attrs.frozen(weakref_slot=False)
class Project:
    """
    A project as it stands after its last fact.

    Attributes:
        fields: values of the declared fields that are set.
        entries: the dossier, by kind and id.
        version: number of commits so far.
        visit: the current stay; on hold, the stay in the hold stage.
        suspended: the stay that a hold interrupted.
        visits: how many visits there were.
        taken: how often each transition was taken.
        outcome_version: the version that last changed the outcome; 0 while it is as opened.
        parent: the project that spawned this one.
    """

    id: str
    name: str
    lifecycle: str
    lifecycle_version: str
    stage: str
    outcome: str
    fields: Fields
    entries: Entries
    version: int
    opened_at: datetime
    opened_by: str
    updated_at: datetime
    visit: Visit
    suspended: Visit | None = None
    visits: int = 1
    taken: FrozenDict[str, int] = EMPTY
    parent: str | None = None
    outcome_version: int = 0

    @property
    def owner(self) -> str | None:
        """
        The value of the field ``owner``, if the lifecycle declares one.
        """
        return self.fields.get("owner")

    def holds(self, stage: str) -> bool:
        """
        Tell whether a hold interrupted a stay in *stage*.
        """
        return self.suspended is not None and self.suspended.stage == stage

    def held(self, kind: str) -> Mapping[str, Held]:
        """
        Return the entries of one kind by id, each with who put it there and when.
        """
        found: Mapping[str, Held] = self.entries.get(kind, EMPTY) if isinstance(kind, str) else EMPTY
        return found

    def all(self, kind: type[E]) -> tuple[E, ...]:
        """
        Return the entries of one class, in the order they were first added.
        """
        name = getattr(kind, "kind", None)
        if not isinstance(name, str):
            raise InputError("kind", kind, "Pass a class of entries, such as dossier.Goal.")
        found: Any = self.entries.get(name, EMPTY)
        return tuple(held.entry for held in found.values())


make_project = maker(Project)


make_visit = maker(Visit)


def apply_changes(
    fields: Fields, entries: Entries, changes: Iterable[Change], *, version: int, at: datetime, by: str
) -> tuple[Fields, Entries]:
    """
    Return fields and entries after *changes*; only the kinds that change are copied.
    """
    for change in changes:
        if isinstance(change, FieldSet):
            fields = fields.minus(change.field) if change.value is None else fields.plus(change.field, change.value)
        elif isinstance(change, EntryPut):
            entry = change.entry
            same_kind: FrozenDict[str, Held] = entries.get(entry.kind, EMPTY)
            entries = entries.plus(entry.kind, same_kind.plus(entry.id, Held(entry, version, at, by)))
        else:
            entries = entries.plus(change.kind, entries.get(change.kind, EMPTY).minus(change.id))
    return fields, entries


def propose(project: Project, changes: tuple[Change, ...], *, outcome: str, at: datetime, by: str) -> Project:
    """
    Return the project as guards shall see it: with *changes* and *outcome*, not yet moved.
    """
    fields, entries = project.fields, project.entries
    if changes:
        fields, entries = apply_changes(fields, entries, changes, version=project.version + 1, at=at, by=by)
    return make_project(
        project.id,
        project.name,
        project.lifecycle,
        project.lifecycle_version,
        project.stage,
        outcome,
        fields,
        entries,
        project.version,
        project.opened_at,
        project.opened_by,
        project.updated_at,
        project.visit,
        project.suspended,
        project.visits,
        project.taken,
        project.parent,
        project.outcome_version,
    )


def evolve(project: Project | None, fact: Fact) -> Project:
    """
    Return the project after one more fact. It never needs the lifecycle.

    Raises:
        SalesflowError: if the fact does not follow the project's version.
    """
    body = fact.body
    if project is None:
        if isinstance(body, Opened) and fact.version == 1:
            return _opened(fact, body)
        msg = f"project {fact.project_id!r}: its history begins with version {fact.version}, not with its opening."
        raise SalesflowError(msg)
    if fact.version != project.version + 1 or fact.project_id != project.id:
        msg = (
            f"fact {fact.version} of {fact.project_id!r} does not follow "
            f"version {project.version} of {project.id!r}. Replay facts of one project in order, without gaps."
        )
        raise SalesflowError(msg)
    if isinstance(body, Transitioned):
        return _transitioned(project, fact, body)
    if isinstance(body, Changed):
        return _changed(project, fact, body)
    if isinstance(body, DeadlinePassed):
        visit = attrs.evolve(project.visit, passed=(*project.visit.passed, body.deadline))
        return attrs.evolve(_changed(project, fact, body), visit=visit)
    msg = f"fact {fact.version} of {fact.project_id!r} opens a project that is open. Only fact 1 is an opening."
    raise SalesflowError(msg)


def _opened(fact: Fact, body: Opened) -> Project:
    actor = fact.actor.name
    fields, entries = apply_changes(EMPTY, EMPTY, body.changes, version=1, at=fact.at, by=actor)
    return Project(
        fact.project_id,
        body.name,
        fact.lifecycle,
        fact.lifecycle_version,
        body.stage,
        body.outcome,
        fields,
        entries,
        1,
        fact.at,
        actor,
        fact.at,
        Visit(1, body.stage, fact.at, 1),
        parent=body.parent,
    )


def _changed(project: Project, fact: Fact, body: Changed | DeadlinePassed) -> Project:
    fields, entries = apply_changes(
        project.fields, project.entries, body.changes, version=fact.version, at=fact.at, by=fact.actor.name
    )
    return attrs.evolve(project, fields=fields, entries=entries, version=fact.version, updated_at=fact.at)


def _transitioned(project: Project, fact: Fact, body: Transitioned) -> Project:
    fields, entries = project.fields, project.entries
    if body.changes:
        fields, entries = apply_changes(
            fields, entries, body.changes, version=fact.version, at=fact.at, by=fact.actor.name
        )
    visit, suspended, visits = project.visit, project.suspended, project.visits
    if suspended is not None and body.kind in ("resume", "hold"):
        before, number, held = suspended, suspended.number, suspended.held + (fact.at - visit.entered_at)
        suspended = make_visit(number, before.stage, before.entered_at, before.version, held, before.passed)
    if body.kind == "resume" and suspended is not None:
        visit, suspended = suspended, None
    elif not body.stays:
        # Holding keeps the stay it interrupts; any other way out of a hold gives it up.
        suspended = (suspended or visit) if body.kind == "hold" else None
        visits += 1
        visit = make_visit(visits, body.target, fact.at, fact.version)
    taken, outcome = project.taken, body.outcome
    # Positional, and not attrs.evolve: every move comes by here.
    return make_project(
        project.id,
        project.name,
        fact.lifecycle,
        fact.lifecycle_version,
        body.target,
        outcome,
        fields,
        entries,
        fact.version,
        project.opened_at,
        project.opened_by,
        fact.at,
        visit,
        suspended,
        visits,
        taken.plus(body.transition, taken.get(body.transition, 0) + 1),
        project.parent,
        project.outcome_version if outcome == project.outcome else fact.version,
    )


def replay(facts: Iterable[Fact]) -> Project:
    """
    Fold the facts of one project into the project they add up to.

    Raises:
        SalesflowError: if there are no facts, or they are not one project's, in order.
    """
    project: Project | None = None
    for fact in facts:
        project = evolve(project, fact)
    if project is None:
        msg = "there are no facts to replay. Pass the history of one project, from its opening."
        raise SalesflowError(msg)
    return project


def field_reader(name: str) -> Callable[[Project], Any]:
    """
    Return the function that reads a field's value; ``outcome`` and ``stage`` are read like fields.
    """
    if name in ("outcome", "stage"):
        return attrgetter(name)
    return lambda project: project.fields.get(name)


def field_value(project: Project, name: str) -> Value:
    """
    Return a field's value; ``outcome`` and ``stage`` are read like fields.
    """
    if name == "outcome":
        return project.outcome
    if name == "stage":
        return project.stage
    return project.fields.get(name)
