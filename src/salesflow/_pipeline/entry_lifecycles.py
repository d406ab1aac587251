"""
The lifecycles of entries: which of them decides an entry, the checks of entries that calls pass, and their terms.

A host's own lifecycle of a kind takes the place of the built-in one, for entries that have not moved yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final

import attrs

from .. import dossier
from .._lifecycle.deadlines import BoundDeadline, due_at, watched
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.records import entry_view
from .._model.argument_types import raise_problems
from .._model.calendar import Calendar
from .._model.commit import Append, Commit
from .._model.definition import walk_uses
from .._model.facts import Entry, EntryPut
from .._model.parameters import call_factory
from .._model.project import Held, Project
from .._model.values import Actor, Duration
from .._model.work import DueDeadline
from ..errors import InputError, nearest, say
from ..plugins._loading import load_lifecycle
from ..templates import RECORDS
from .entry_actors import in_other_names
from .runtime import Runtime


TIMED: Final = frozenset({"approval_request", "complaint", "improvement_action", "issue"})
"""The kinds whose built-in lifecycle has deadlines; the others are not loaded to look."""

_NOBODY: Final = Actor("salesflow")


@cache
def built_in(kind: str) -> Lifecycle:
    """
    Return the built-in lifecycle of a kind of entries.
    """
    return load_lifecycle(kind)


@cache
def built_in_start(kind: str) -> str:
    """
    Return the status of new entries of a kind, which is where its built-in lifecycle begins.
    """
    known: dict[str, Any] = {each.kind: each for each in dossier.BUILT_IN}
    return str(attrs.fields_dict(known[kind])["status"].default)


def lifecycle_of_entry(runtime: Runtime, kind: str, held: Held | None) -> Lifecycle:
    """
    Return the lifecycle that decides an entry: that of its first move, or else the current one of its kind.

    Raises:
        InputError: if the kind has none, or the pipeline was not given that of the first move.
    """
    kinds = sorted({*RECORDS, *runtime.records})
    if not isinstance(kind, str) or kind not in kinds:
        raise InputError("kind", kind, say("input.record_kinds", known=kinds, near=nearest(str(kind), kinds)))
    found = known_lifecycle(runtime, kind, held)
    if found is None:
        wanted = " ".join(_first(held))
        known = [f"{name} {version}" for name, version in runtime.lifecycles]
        raise InputError(say("what.entry_of", kind=kind), wanted, say("input.lifecycle_give", known=known))
    return found


def known_lifecycle(runtime: Runtime, kind: str, held: Held | None) -> Lifecycle | None:
    """
    Return the lifecycle that decides an entry of a kind that has one; ``None`` if the pipeline was not given it.
    """
    first = _first(held)
    if not first[0]:
        return runtime.records.get(kind) or built_in(kind)
    found = runtime.lifecycles.get(first)
    if found is None and kind in RECORDS:
        own = built_in(kind)
        found = own if (own.id, own.version) == first else None
    return found


def _first(held: Held | None) -> tuple[str, str]:
    """
    Return the id and version of the lifecycle of an entry's first move; blank if it has not moved.
    """
    return (held.moves[0].lifecycle, held.moves[0].version) if held is not None and held.moves else ("", "")


def settled_entries(
    runtime: Runtime,
    project: Project | None,
    entries: Iterable[Entry],
    who: Actor,
    at: datetime,
    under: Lifecycle,
    *,
    computed: bool = False,
) -> tuple[Entry, ...]:
    """
    Return the entries of a call, with what the engine adds: who asks for an approval, and terms of service.

    Args:
        under: the lifecycle of the project.
        computed: whether figures among them were computed, since nobody may type them in, and the others are what was.

    Raises:
        InputErrors: for figures that were typed in, for what is said in the name of another person, for requests for
            approvals that no guard asks for, for each entry whose status is another than it has, or than new entries
            start with, and for goals that would be part of themselves.
    """
    found: list[Entry] = []
    problems: list[InputError] = []
    for each in entries:
        kind = getattr(each, "kind", None)
        if isinstance(each, dossier.KpiSnapshot) and not computed:
            problems.append(InputError("entry", each, say("input.kpi_snapshot")))
        held = None if project is None or kind is None else project.held(kind).get(getattr(each, "id", ""))
        if not computed:
            problems += in_other_names(each, None if held is None else held.entry, who)
        if kind not in RECORDS and kind not in runtime.records:
            found.append(each)
            continue
        problem = _problem(runtime, each, held)
        if problem is not None:
            problems.append(problem)
        if isinstance(each, dossier.ApprovalRequest) and each.name and each.subject is None and not computed:
            problems += never_asked(runtime, under, each.name)
        found.append(_completed(each, held, project, who, at, under.calendar))
    problems += _circles(project, found)
    raise_problems(problems)
    return tuple(found)


def never_asked(runtime: Runtime, lifecycle: Lifecycle, name: str) -> Iterator[InputError]:
    """
    Yield what is wrong with the name of an approval that no guard asks for.

    Where no guard names any, or one of a plugin reads approvals without saying which, every name may be used.
    """
    if name in lifecycle.binds or not lifecycle.binds:
        return
    # Entries that moved under an earlier version of their lifecycle stay with it, so all that were given count.
    asking = (lifecycle, *(each for each in runtime.lifecycles.values() if each.definition.record is not None))
    named = [_approvals_named(each) for each in asking]
    known = {name for names in named for name in names or ()}
    if None not in named and name not in known:
        about = {"known": sorted(known), "near": nearest(name, known)}
        yield InputError("name of an approval", name, say("input.approval_asked", **about))


def _approvals_named(lifecycle: Lifecycle) -> set[str] | None:
    """
    Return the names of the approvals that guards ask for; ``None`` if one of a plugin reads them without saying which.
    """
    found, guards = set(lifecycle.binds), lifecycle.contributions.guards
    uses = [use for each in lifecycle.transitions for use in walk_uses(each.guards) if use.use in guards]
    for use in uses:
        if dossier.Approval.kind in guards[use.use].kinds:
            asked = call_factory(guards[use.use].asks, use.params)
            if not asked and not call_factory(guards[use.use].binds, use.params):
                return None
            found.update(name for kind, name in asked if kind == dossier.Approval.kind)
    return None if lifecycle.contributions.stage_rules else found


def _circles(project: Project | None, given: Iterable[Entry]) -> Iterator[InputError]:
    """
    Yield what is wrong with goals that would be part of themselves, also by way of others.
    """
    new = {each.id: each for each in given if isinstance(each, dossier.Goal)}
    above = {each.id: each.parent for each in (*(project.all(dossier.Goal) if new and project else ()), *new.values())}
    for name, goal in new.items():
        chain = [name]
        while (parent := above.get(chain[-1])) is not None and parent not in chain:
            chain.append(parent)
        if parent == name:
            path = " → ".join((*chain, name))
            yield InputError(say("what.goal", goal=name), goal.parent, say("input.goal_circle", chain=path))


def _problem(runtime: Runtime, entry: Any, held: Held | None) -> InputError | None:
    before: Any = None if held is None else held.entry
    what = say("what.status_of", kind=entry.kind, name=entry.id)
    if before is None or _renewed(before, entry):
        own = runtime.records.get(entry.kind)
        start = built_in_start(entry.kind) if own is None else own.definition.initial
        if entry.status != start:
            return InputError(
                what, entry.status, say("input.status_start", start=start, kind=entry.kind, name=entry.id)
            )
    elif entry.status != before.status:
        lifecycle = lifecycle_of_entry(runtime, entry.kind, held)
        about = {"now": before.status, "kind": entry.kind, "name": entry.id}
        return InputError(
            what, entry.status, say("input.status_moves", **about, known=lifecycle.triggers(before.status))
        )
    return None


def _renewed(before: Any, entry: Any) -> bool:
    """
    Tell whether an entry is something new under the same id, which starts again: another content, or another version.
    """
    if entry.kind == "artefact":
        return bool(entry.digest != before.digest)
    return bool(entry.kind == "goal" and entry.version > before.version)


def _completed(
    entry: Any, held: Held | None, project: Project | None, who: Actor, at: datetime, calendar: Calendar
) -> Entry:
    before: Any = None if held is None else held.entry
    if isinstance(entry, dossier.ApprovalRequest):
        asked = (who.name, at) if before is None else (before.by, before.at)
        return attrs.evolve(entry, by=entry.by or asked[0], at=entry.at or asked[1])
    plain: Entry = entry
    if project is None or not isinstance(entry, (dossier.Issue, dossier.Complaint)):
        return plain
    from ..dossier._party import standard_hours  # noqa: PLC0415 -- few entries have terms

    begun = (entry.opened_at if isinstance(entry, dossier.Issue) else entry.raised_at) or at
    terms: dict[str, Any] = {}
    for name, hours in (("answer_due", "response_hours"), ("resolve_due", "resolution_hours")):
        standards = project.all(dossier.ServiceStandard)
        within = standard_hours(standards, hours, item=entry.item, severity=entry.severity)
        if within is not None and getattr(entry, name) is None:
            terms[name] = calendar.add(begun, Duration(within, "bh"))
    return attrs.evolve(entry, **terms) if terms else entry


def with_entry_dues(runtime: Runtime, staged: Commit, *, past: bool) -> Commit:
    """
    Return a commit that also watches the deadlines of the entries that it puts.

    Args:
        past: whether it is the past of an import, of which only what is still to come is watched.
    """
    found = tuple(
        due
        for each in staged.appends
        for due in _entry_dues(runtime, each)
        if not past or due.at > each.fact.recorded_at
    )
    return attrs.evolve(staged, dues=(*staged.dues, *found)) if found else staged


def _entry_dues(runtime: Runtime, append: Append) -> Iterator[DueDeadline]:
    project = append.project
    put = {change.entry.kind for change in append.fact.body.changes if isinstance(change, EntryPut)}
    for kind in sorted(put & {*TIMED, *runtime.records}):
        for held in project.held(kind).values():
            if held.version == project.version:
                yield from watched_of_entry(runtime, project, held)


def held_for(runtime: Runtime, project: Project, due: DueDeadline) -> Held | None:
    """
    Return the entry that a deadline is of, or ``None`` if it does not concern the entry any more.
    """
    kind, _, name = due.entry.partition(":")
    held = project.held(kind).get(name)
    return held if held is not None and due in tuple(dues_of_entry(runtime, project, held)) else None


def dues_of_entries(runtime: Runtime, project: Project) -> Iterator[tuple[DueDeadline, Any]]:
    """
    Yield the deadlines to watch for all entries of a project, each with its entry.
    """
    for held in timed_entries(runtime, project):
        yield from ((due, held.entry) for due in dues_of_entry(runtime, project, held))


def timed_entries(runtime: Runtime, project: Project) -> Iterator[Held]:
    """
    Yield the entries of a project that may have deadlines.
    """
    for kind in sorted({*TIMED, *runtime.records}):
        yield from project.held(kind).values()


def watched_of_entry(runtime: Runtime, project: Project, held: Held) -> tuple[DueDeadline, ...]:
    """
    Return all that is watched of an entry in its status: its deadlines, and the reminders that are still to come.
    """
    found = limits_of_entry(runtime, project, held)
    return () if found is None else watched(found[1], project, tuple(dues_of_entry(runtime, project, held)))


def dues_of_entry(runtime: Runtime, project: Project, held: Held) -> Iterator[DueDeadline]:
    """
    Yield the deadlines to watch for an entry in its status, those that passed left out.
    """
    found = limits_of_entry(runtime, project, held)
    if found is None:
        return
    entry: Any = held.entry
    view = entry_view(project, held, found[0], _NOBODY)
    for limit in found[1]:
        at = due_at(limit, view)
        # What hangs on a field passes again where the field is set to a later time.
        again = limit.deadline.field is not None and at is not None and at > project.updated_at
        if at is not None and (again or limit.deadline.id not in view.visit.passed):
            yield DueDeadline(project.id, 0, entry.status, limit.deadline.id, at, entry=f"{entry.kind}:{entry.id}")


def limits_of_entry(
    runtime: Runtime, project: Project, held: Held
) -> tuple[Lifecycle, tuple[BoundDeadline, ...]] | None:
    """
    Return the lifecycle of an entry, and its deadlines in the calendar of the project; ``None`` if it is not known.
    """
    entry: Any = held.entry
    lifecycle = known_lifecycle(runtime, entry.kind, held)
    if lifecycle is None:
        return None
    limits = lifecycle.limits.get(entry.status, ())
    under = runtime.lifecycles.get((project.lifecycle, project.lifecycle_version))
    return lifecycle, limits if under is None else tuple([attrs.evolve(x, calendar=under.calendar) for x in limits])
