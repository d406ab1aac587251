"""
The inputs of a decision: checked values, overrides, and the proposed project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin

import attrs

from .._definition.field_values import coerce
from .._model.argument_types import raise_problems
from .._model.definition import Field
from .._model.facts import Change, Entry, EntryPut, FieldSet, Override
from .._model.fold import propose
from .._model.frozen import FrozenDict
from .._model.messages import NOTHING, Wording
from .._model.parameters import hints_of
from .._model.project import Project
from .._model.values import Actor, to_utc
from .._model.verdict import Verdict
from .._model.written import describe
from ..errors import InputError, UnknownFieldError, few_suggestions, nearest, say
from .compiled import CompiledTransition, engine_spec
from .locks import BoundLock, broken_locks


T = TypeVar("T")


def check_asked(project: Project, actor: Actor, at: datetime) -> None:
    """
    Check about what and by whom a decision is asked for, and for when.

    Raises:
        InputError: for anything but a project, an actor, or an aware time.
    """
    if not isinstance(project, Project):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise InputError("project", project, say("input.project"))
    if not isinstance(actor, Actor):  # pyright: ignore[reportUnnecessaryIsInstance]  # as above
        raise InputError("actor=", actor, say("input.actor"))
    to_utc(at, "at=")


def checked_changes(
    lifecycle: str,
    declared: Mapping[str, Field],
    known: Mapping[str, type[Entry]],
    fields: Mapping[str, Any],
    entries: Iterable[Entry],
) -> tuple[Change, ...]:
    """
    Return field values and entries as changes, after looking at every one of them.

    Raises:
        InputErrors: with every problem; a single problem is raised as itself.
    """
    if not isinstance(fields, Mapping):
        raise InputError("fields", fields, say("input.fields"))
    if not isinstance(entries, Iterable):
        raise InputError("entries", entries, say("input.entries"))
    changes: list[Change] = []
    problems: list[InputError] = []
    unknown: list[str] = []
    for name, value in fields.items():
        field = declared.get(name)
        if field is None:
            unknown.append(name)
            continue
        try:
            changes.append(FieldSet(name, coerce(field, value)))
        except InputError as error:
            problems.append(error)
    for entry in entries:
        problem = _foreign(entry, known)
        if problem is None:
            changes.append(EntryPut(entry))
        else:
            problems.append(problem)
    if unknown:
        with few_suggestions():
            problems = [*(UnknownFieldError(name, declared, lifecycle=lifecycle) for name in unknown), *problems]
    raise_problems(problems)
    return tuple(changes)


def _foreign(entry: Entry, known: Mapping[str, type[Entry]]) -> InputError | None:
    kind = getattr(entry, "kind", type(entry).__name__)
    if kind == "approval":
        return InputError("entry", entry, say("input.approval"))
    if known.get(kind) is not type(entry):
        return InputError("entry", entry, say("input.entry_kind", known=sorted(known)))
    for name, hint, kinds in _unchecked(type(entry)):
        value = getattr(entry, name)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return InputError(f"{kind}.{name}", value, say("input.shape", shape=describe(hint)))
    return None


_SIMPLE: Final = {str, bool, int, NoneType}


@cache
def _unchecked(kind: Any) -> tuple[tuple[str, Any, tuple[Any, ...]], ...]:
    """
    Return the attributes that a class takes as they come, where its annotation says a simple type: with its classes.
    """
    hints: Mapping[str, Any] = hints_of(kind)
    bare: list[str] = [each.name for each in attrs.fields(kind) if not each.converter and not each.validator]
    named = [(name, hints.get(name, Any)) for name in bare]
    return tuple([(name, hint, _arms(hint)) for name, hint in named if _SIMPLE.issuperset(_arms(hint))])


def _arms(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def named_overrides(
    candidates: Sequence[CompiledTransition], reasons: Mapping[str, str], actor: Actor
) -> Mapping[str, Override]:
    """
    Return overrides by guard-use id, stamped with who gives them.

    Raises:
        InputError: for a use that the definition does not let anybody override, or no reason.
    """
    if not isinstance(reasons, Mapping):
        raise InputError("overrides", reasons, say("input.overrides"))
    allowed = {guard.spec.use_id for move in candidates for guard in move.guards if guard.spec.overridable}
    for use_id, reason in reasons.items():
        if use_id not in allowed:
            hint = say("input.overridable", known=sorted(allowed), near=nearest(use_id, allowed))
            raise InputError("override", use_id, hint)
        if not isinstance(reason, str) or not reason.strip():
            raise InputError(say("what.override_reason", name=use_id), reason, say("input.say_why"))
    return FrozenDict({use_id: Override(use_id, reason, actor.name) for use_id, reason in reasons.items()})


def proposed_by(
    project: Project,
    move: CompiledTransition,
    changes: tuple[Change, ...],
    outcome: str | None,
    at: datetime,
    actor: Actor,
    wording: Wording,
) -> tuple[Project, Verdict | None]:
    """
    Return the project as guards shall see it, and a verdict if *outcome* cannot be given here.
    """
    misplaced = None
    if outcome is not None and outcome not in move.choices and outcome != move.outcome:
        allowed = move.choices or ((move.outcome,) if move.outcome else (NOTHING,))
        evidence: Mapping[str, Any] = FrozenDict({"outcome": outcome, "allowed": allowed})
        misplaced = Verdict(engine_spec(wording), "fail", "outcome.not_allowed", evidence=evidence)
        outcome = None
    after = move.outcome or outcome or project.outcome
    if not changes and after == project.outcome:
        return project, misplaced
    return propose(project, changes, outcome=after, at=at, by=actor.name), misplaced


def fixed_changes(
    locks: Mapping[str, BoundLock], project: Project, changes: Sequence[Change], actor: Actor, wording: Wording
) -> tuple[Verdict, ...]:
    """
    Return a verdict for each change that this actor may not make: of a locked field, or of an approved goal.
    """
    broken = [*broken_locks(locks, project, changes, actor)]
    if not all(isinstance(change, FieldSet) for change in changes):
        from .frozen_entries import frozen_entries  # noqa: PLC0415 -- only where there are entries

        broken += frozen_entries(project, changes)
    return tuple([attrs.evolve(each, spec=engine_spec(wording)) for each in broken])


def look_up(what: str, name: str, known: Mapping[str, T]) -> T:
    """
    Return what has a name.

    Raises:
        InputError: naming those there are.
    """
    found = known.get(name) if isinstance(name, str) else None
    if found is None:
        raise InputError(what, name, say("input.look_up", known=known, near=nearest(name, known)))
    return found
