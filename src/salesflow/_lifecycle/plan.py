"""
What an accepted move writes: its fact's body, and the notices that go with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs

from .._model.definition import EffectUse
from .._model.facts import (
    Change,
    DeadlinePassed,
    EntryDropped,
    EntryPut,
    FieldSet,
    Notice,
    Transitioned,
    make_transitioned,
)
from .._model.project import Project, apply_changes
from .._model.values import Actor
from .._model.work import DueDeadline
from ..errors import EffectError, InputError
from ..typing import Effect, EffectContext
from .deadlines import BoundDeadline
from .decision import Accepted


CheckChanges: TypeAlias = Callable[..., tuple[Change, ...]]
"""Checks field values and entries as :meth:`salesflow.Lifecycle.changes` does."""

_NO_NOTICES: Final[tuple[Notice, ...]] = ()


def plan(accepted: Accepted, check: CheckChanges, spawned: str | None) -> tuple[Transitioned, tuple[Notice, ...]]:
    """
    Run the effects of an accepted move, purely, and return what is to be stored.

    Raises:
        EffectError: if an effect raises or returns what cannot be stored.
    """
    ctx, move = accepted.context, accepted.move
    project, changes, notices = ctx.project, accepted.changes, _NO_NOTICES
    outcome = project.outcome if move.settles is None else accepted.outcome
    if move.effects:
        version = project.version + 1
        about = EffectContext(project, move.transition, move.source, move.target, outcome, ctx.actor, ctx.at, version)
        made, notices = _run_effects(move.effects, about, check)
        changes = (*changes, *made)
    body = make_transitioned(
        *move.fact_parts, outcome, changes, accepted.verdicts, ctx.reason, accepted.overrides, spawned, move.stays
    )
    return body, notices


def plan_passing(
    limit: BoundDeadline, project: Project, due: DueDeadline, actor: Actor, at: datetime, check: CheckChanges
) -> tuple[DeadlinePassed, tuple[Notice, ...]]:
    """
    Run the effects of a deadline that passed, purely, and return what is to be stored.

    Raises:
        EffectError: if an effect raises or returns what cannot be stored.
    """
    about = EffectContext(
        project, limit.transition, limit.stage, limit.stage, project.outcome, actor, at, project.version + 1
    )
    changes, notices = _run_effects(limit.effects, about, check)
    return DeadlinePassed(due.deadline, due.stage, due.visit, due.at, changes), notices


def _run_effects(
    effects: Iterable[tuple[EffectUse, Effect]], about: EffectContext, check: CheckChanges
) -> tuple[tuple[Change, ...], tuple[Notice, ...]]:
    changes, notices = list[Change](), list[Notice]()
    for use, run in effects:
        try:
            made = [item if isinstance(item, Notice) else _checked(item, check) for item in run(about)]
        except Exception as error:
            raise EffectError(use.use, about.transition.id, error) from error
        notices += [item for item in made if isinstance(item, Notice)]
        new = [item for item in made if not isinstance(item, Notice)]
        changes += new
        project = about.project
        fields, entries = apply_changes(
            project.fields, project.entries, new, version=about.version, at=about.at, by=about.actor.name
        )
        about = about._replace(project=attrs.evolve(project, fields=fields, entries=entries))
    return tuple(changes), tuple(notices)


def _checked(item: Any, check: CheckChanges) -> Change:
    if isinstance(item, FieldSet):
        return check({item.field: item.value})[0]
    if isinstance(item, EntryPut):
        return check({}, [item.entry])[0]
    if isinstance(item, EntryDropped):
        return item
    raise InputError("result of an effect", item, "Return FieldSet, EntryPut, EntryDropped or Notice.")
