"""
The fold: applies one more fact to a project, or all facts in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, cast

import attrs

from ..errors import SalesflowError, say
from .definition import UNDECIDED
from .facts import (
    Change,
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    Entry,
    EntryDropped,
    EntryMoved,
    EntryPut,
    Fact,
    FieldSet,
    OpaqueEntry,
    Opened,
    Reparented,
    SlotMissed,
    Transitioned,
)
from .frozen import EMPTY, FrozenDict
from .project import Entries, EntryMove, Fields, Held, Project, Visit, make_project, make_visit


_MOST_SHARED: Final = 1024
_SHARED: Final[dict[tuple[int, str], tuple[FrozenDict[str, int], FrozenDict[str, int]]]] = {}
"""Counts before and after a move, by the identity of those before and the transition."""


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
            if isinstance(entry, OpaqueEntry):
                continue
            same_kind: FrozenDict[str, Held] = entries.get(entry.kind, EMPTY)
            old = same_kind.get(entry.id)
            held = Held(entry, version, at, by) if old is None else Held(entry, version, at, by, old.moves)
            entries = entries.plus(entry.kind, same_kind.plus(entry.id, held))
        elif change.kind in entries:
            entries = entries.plus(change.kind, entries[change.kind].minus(change.id))
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
        project.digest,
        project.opaque,
        project.closed_at,
        project.slots,
        project.takers,
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
        msg = say("replay.opening", project_id=fact.project_id, version=fact.version)
        raise SalesflowError(msg)
    if fact.version != project.version + 1 or fact.project_id != project.id:
        msg = say(
            "replay.order",
            version=fact.version,
            project_id=fact.project_id,
            version2=project.version,
            project=project.id,
        )
        raise SalesflowError(msg)
    then = _transitioned(project, fact, body) if isinstance(body, Transitioned) else _follow(project, fact)
    if then.fields is project.fields or then.owner == project.owner or not isinstance(project.owner, str):
        return then
    return _handed_on(then, project.owner)


def _handed_on(project: Project, owner: str) -> Project:
    """
    Return the project with who owned it so far, so that nobody hands it on to be free of what binds an owner.
    """
    visit, suspended = project.visit, project.suspended
    if suspended is not None:
        suspended = attrs.evolve(suspended, owners=(*suspended.owners, owner))
    return attrs.evolve(project, visit=attrs.evolve(visit, owners=(*visit.owners, owner)), suspended=suspended)


def _follow(project: Project, fact: Fact) -> Project:
    body = fact.body
    if isinstance(body, Transitioned):
        return _transitioned(project, fact, body)
    if isinstance(body, Changed):
        return _changed(project, fact, body)
    if isinstance(body, DeadlinePassed):
        return _passed(_changed(project, fact, body), body)
    if isinstance(body, DeadlineMoved):
        return _deadline_moved(_changed(project, fact, body), body)
    if isinstance(body, EntryMoved):
        return _entry_moved(_changed(project, fact, body), fact, body)
    if isinstance(body, SlotMissed):
        return _slots_missed(_changed(project, fact, body), body)
    if isinstance(body, Reparented):
        return attrs.evolve(_changed(project, fact, body), parent=body.parent)
    msg = say("replay.opened", version=fact.version, project_id=fact.project_id)
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
        digest=body.digest,
        opaque=_opaque(EMPTY, fact),
    )


def _changed(
    project: Project, fact: Fact, body: Changed | DeadlinePassed | DeadlineMoved | EntryMoved | SlotMissed | Reparented
) -> Project:
    fields, entries = apply_changes(
        project.fields, project.entries, body.changes, version=fact.version, at=fact.at, by=fact.actor.name
    )
    return attrs.evolve(
        project,
        fields=fields,
        entries=entries,
        opaque=_opaque(project.opaque, fact),
        version=fact.version,
        updated_at=max(project.updated_at, fact.at),
    )


def _opaque(opaque: Entries, fact: Fact) -> Entries:
    for change in fact.body.changes:
        if isinstance(change, EntryPut):
            entry = change.entry
            if isinstance(entry, OpaqueEntry):
                same: FrozenDict[str, Any] = opaque.get(entry.kind, EMPTY)
                held = Held(cast("Entry", entry), fact.version, fact.at, fact.actor.name)
                opaque = opaque.plus(entry.kind, same.plus(entry.id, held))
        elif isinstance(change, EntryDropped) and change.kind in opaque:
            opaque = opaque.plus(change.kind, opaque[change.kind].minus(change.id))
    return opaque


def _passed(project: Project, body: DeadlinePassed) -> Project:
    # One that is noticed late may be of a stay that is over, of which nothing is kept.
    visit, suspended = project.visit, project.suspended
    if visit.number == body.visit:
        return attrs.evolve(project, visit=_missed(visit, body))
    if suspended is not None and suspended.number == body.visit:
        return attrs.evolve(project, suspended=_missed(suspended, body))
    return project


def _missed(visit: Visit, body: DeadlinePassed) -> Visit:
    name = body.deadline
    passed = visit.passed if name in visit.passed else (*visit.passed, name)
    missed = tuple([each for each in visit.missed if each[0] != name])
    return attrs.evolve(visit, passed=passed, missed=(*missed, (name, body.due_at)))


def _deadline_moved(project: Project, body: DeadlineMoved) -> Project:
    visit = project.visit
    if visit.number != body.visit or body.counted:
        return project
    moved = tuple([each for each in visit.moved if each[0] != body.deadline])
    # One that passed and is due again later is watched again.
    again = body.new is not None and body.new > project.updated_at
    passed = tuple([each for each in visit.passed if each != body.deadline or not again])
    visit = attrs.evolve(visit, moved=(*moved, (body.deadline, body.new)), passed=passed)
    return attrs.evolve(project, visit=visit)


def _entry_moved(project: Project, fact: Fact, body: EntryMoved) -> Project:
    same = project.entries.get(body.kind, EMPTY)
    held = same.get(body.id)
    if held is None:
        return project
    move = EntryMove(body.transition, body.target, fact.at, fact.actor.name, body.lifecycle, body.version)
    moved = same.plus(body.id, attrs.evolve(held, moves=(*held.moves, move)))
    return attrs.evolve(project, entries=project.entries.plus(body.kind, moved))


def _slots_missed(project: Project, body: SlotMissed) -> Project:
    last = dict(project.slots.get(body.cadence, EMPTY))
    for slot, member in body.slots:
        last[member or ""] = max(slot, last.get(member or "", slot))
    return attrs.evolve(project, slots=project.slots.plus(body.cadence, FrozenDict(last)))


def _transitioned(project: Project, fact: Fact, body: Transitioned) -> Project:
    fields, entries = project.fields, project.entries
    if body.changes:
        fields, entries = apply_changes(
            fields, entries, body.changes, version=fact.version, at=fact.at, by=fact.actor.name
        )
    visit, suspended, visits = project.visit, project.suspended, project.visits
    if suspended is not None and body.kind in ("resume", "hold"):
        suspended = _interrupted(suspended, visit.entered_at, fact.at)
    if body.kind == "resume" and suspended is not None:
        visit, suspended = suspended, None
    elif not body.stays:
        # Holding keeps the stay it interrupts; any other way out of a hold gives it up.
        suspended = (suspended or visit) if body.kind == "hold" else None
        visits += 1
        visit = make_visit(visits, body.target, fact.at, fact.version)
    taken = _counted(project.taken, body.transition)
    takers, actor = project.takers, fact.actor.name
    if takers != actor:
        # Most projects are moved by a single person, whose name is all that is then kept.
        takers = project.taken_by.plus(body.transition, actor) if project.taken else actor
    outcome, updated = body.outcome, project.updated_at
    renewed = outcome != project.outcome
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
        fact.at if fact.at > updated else updated,  # noqa: FURB136 -- a call of max() takes three times as long
        visit,
        suspended,
        visits,
        taken,
        project.parent,
        fact.version if renewed else project.outcome_version,
        project.digest,
        _opaque(project.opaque, fact) if body.changes else project.opaque,
        _closed_at(project, body, fact.at)
        if renewed or body.closed is not None or project.closed_at is not None
        else None,
        project.slots,
        takers,
    )


def _counted(taken: FrozenDict[str, int], transition: str) -> FrozenDict[str, int]:
    """
    Return how often each transition was taken, after one more. Projects that went the same way share the mapping.
    """
    # Most go a way that others went; a copy for each would be slower, and a quarter of what a project takes in memory.
    key = id(taken), transition
    shared = _SHARED.get(key)
    if shared is None:
        if len(_SHARED) >= _MOST_SHARED:
            _SHARED.clear()
        # The counts before are kept as well, so that no other mapping gets their identity meanwhile.
        shared = _SHARED[key] = taken, FrozenDict({**taken, transition: taken.get(transition, 0) + 1})
    return shared[1]


def _interrupted(visit: Visit, since: datetime, until: datetime) -> Visit:
    return make_visit(
        visit.number,
        visit.stage,
        visit.entered_at,
        visit.version,
        (*visit.holds, (since, until)),
        visit.passed,
        visit.moved,
        visit.owners,
        visit.missed,
    )


def _closed_at(project: Project, body: Transitioned, at: datetime) -> datetime | None:
    since, renewed = project.closed_at, body.outcome != project.outcome
    closed = body.closed
    if closed is None:
        # An outcome that a reopening kept closes nothing until it is given again.
        closed = body.outcome != UNDECIDED and body.kind != "reopen" and (renewed or since is not None)
    if not closed:
        return None
    return at if since is None or renewed else since


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
        msg = say("replay.empty")
        raise SalesflowError(msg)
    return project


def facts_until(
    facts: Iterable[Fact], *, at: datetime | None = None, known_at: datetime | None = None
) -> tuple[Fact, ...]:
    """
    Return the facts of a history that happened by *at* and were recorded by *known_at*, in the order of versions.

    A backfilled fact of before *at* is among them; facts that come before it in the history may not be. What was
    recorded ends with the first fact that was recorded later: clocks of several machines differ a little.
    """
    found: list[Fact] = []
    for fact in facts:
        if known_at is not None and fact.recorded_at > known_at:
            break
        if at is None or fact.at <= at:
            found.append(fact)
    return tuple(found)


def replay_some(facts: Sequence[Fact]) -> Project:
    """
    Fold what :func:`facts_until` returned, from the opening on: later facts may be missing in between.
    """
    project = evolve(None, facts[0])
    for fact in facts[1:]:
        project = _follow(project, fact)
    return project
