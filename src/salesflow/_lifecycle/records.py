"""
An entry as a project: what the lifecycle of its kind decides on, and what an accepted move makes of it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from .._model.facts import Change, EntryMoved, EntryPut, FieldSet, Notice
from .._model.frozen import EMPTY, FrozenDict
from .._model.project import Entries, Held, Project, Visit
from .._model.values import Actor, same_person
from .decision import Accepted
from .lifecycle import Lifecycle


_TITLES: Final = ("title", "text", "comment", "name", "metric", "type")


def title_of(entry: Any) -> str:
    """
    Return what people call an entry: its title or text, or else its id.
    """
    return next((found for name in _TITLES if isinstance(found := getattr(entry, name, ""), str) and found), entry.id)


def entry_view(project: Project, held: Held, lifecycle: Lifecycle, who: Actor) -> Project:
    """
    Return an entry as a project in the stage that is its status: its attributes are fields, its moves are history.

    The dossier is that of its project, so guards may look at it; approvals count for the stay of the entry in which
    they were given. Whoever put an entry there took the transitions that lead to where entries start, as long as
    nobody has taken them.

    Args:
        who: who asks; of the two who may stand for having asked for an approval, it is that person if either is.
    """
    entry: Any = held.entry
    fields: dict[str, Any] = {name: getattr(entry, name, None) for name in lifecycle.fields}
    fields.update(_unassessed(entry))
    taken: dict[str, int] = {}
    for move in held.moves:
        taken[move.transition] = taken.get(move.transition, 0) + 1
    first = _putter(held, who)
    put = {each.id: first for each in lifecycle.transitions if each.target == lifecycle.definition.initial}
    visit = visit_of(held, lifecycle)
    return Project(
        project.id,
        title_of(entry),
        lifecycle.id,
        lifecycle.version,
        entry.status,
        lifecycle.definition.outcome_ids[0],
        FrozenDict({name: value for name, value in fields.items() if value is not None and value not in ("", ())}),
        _with_approvals(project.entries, visit),
        project.version,
        project.opened_at,
        first,
        project.updated_at,
        visit,
        taken=FrozenDict(taken),
        takers=FrozenDict(put | {each.transition: each.by for each in held.moves}),
    )


def _with_approvals(entries: Entries, visit: Visit) -> Entries:
    """
    Return a dossier whose approvals say whether they were given in a visit of an entry, not in which of the project.
    """
    approvals = entries.get("approval")
    if not approvals:
        return entries

    def seen(held: Held) -> Held:
        given: Any = held.entry
        number = visit.number if (given.at or held.at) >= visit.entered_at else 0
        return attrs.evolve(held, entry=attrs.evolve(given, visit=number))

    return entries.plus("approval", FrozenDict({name: seen(held) for name, held in approvals.items()}))


def _putter(held: Held, who: Actor) -> str:
    stated = getattr(held.entry, "by", "") or held.by
    return held.by if same_person(held.by, who.name) else stated


def _unassessed(entry: Any) -> Mapping[str, Any]:
    """
    Return what is not as the attributes of a risk say: one at 1 times 1 that is only identified was not assessed.
    """
    if entry.kind != "risk":
        return EMPTY
    if entry.impacts:
        return {"impact": max(entry.impacts.values())}
    new = entry.status == "identified" and (entry.probability, entry.impact) == (1, 1)
    return {"probability": None, "impact": None} if new else EMPTY


def visit_of(held: Held, lifecycle: Lifecycle) -> Visit:
    """
    Return the visit of an entry in the status it has, with the deadlines that passed in it: moves of no transition.

    An entry that has not moved is there since it was written last.
    """
    entry: Any = held.entry
    known = {each.id for each in lifecycle.transitions}
    number, since, passed = 1, held.at, list[str]()
    for move in held.moves:
        if move.transition in known:
            number, since, passed = number + 1, move.at, []
        else:
            passed.append(move.transition)
    return Visit(number, entry.status, since, held.version, passed=tuple(passed))


def moved_entry(held: Held, lifecycle: Lifecycle, accepted: Accepted) -> tuple[EntryMoved, tuple[Notice, ...]]:
    """
    Return what an accepted move of an entry writes, with the notices of its effects.

    Raises:
        InputError: for a value that the entry cannot have.
        EffectError: if an effect fails.
    """
    entry: Any = held.entry
    body, notices = lifecycle.plan(accepted, about=f"{entry.kind}:{entry.id}")
    after, others = changed_entry(entry, body.changes)
    after = attrs.evolve(after, status=body.target)
    move = EntryMoved(
        entry.kind,
        entry.id,
        body.transition,
        body.source,
        body.target,
        (EntryPut(after), *others),
        body.verdicts,
        body.reason,
        body.overrides,
        lifecycle.id,
        lifecycle.version,
    )
    return move, told(entry, notices)


def changed_entry(entry: Any, changes: Iterable[Change]) -> tuple[Any, tuple[Change, ...]]:
    """
    Return an entry with the fields that changes set, and the changes of other entries.
    """
    given: dict[str, Any] = {}
    others: list[Change] = []
    kind: type[Any] = entry.__class__
    defaults = {each.name: each.default for each in attrs.fields(kind)}
    for change in changes:
        if isinstance(change, FieldSet):
            given[change.field] = defaults[change.field] if change.value is None else change.value
        else:
            others.append(change)
    if entry.kind == "risk" and "impact" in given:
        given["impacts"] = EMPTY
    return attrs.evolve(entry, **given), tuple(others)


def told(entry: Any, notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """
    Return notices of effects with the entry that they are about.
    """
    about = {"kind": entry.kind, "id": entry.id, "about": title_of(entry)}
    return tuple(attrs.evolve(each, params=FrozenDict({**each.params, **about})) for each in notices)
