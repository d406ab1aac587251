"""
What an accepted move writes: its fact's body, and the notices that go with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs

from ._decision import Accepted
from ._facts import Change, EntryDropped, EntryPut, FieldSet, Notice, Transitioned, make_transitioned
from ._project import apply_changes
from .errors import EffectError, InputError
from .typing import EffectContext


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
    outcome = accepted.outcome
    changes, notices = _run_effects(accepted, outcome, check) if move.effects else (accepted.changes, _NO_NOTICES)
    body = make_transitioned(
        *move.words, outcome, changes, accepted.verdicts, ctx.reason, accepted.overrides, spawned, move.stays
    )
    return body, notices


def _run_effects(
    accepted: Accepted, outcome: str, check: CheckChanges
) -> tuple[tuple[Change, ...], tuple[Notice, ...]]:
    ctx, move = accepted.context, accepted.move
    changes, notices = list(accepted.changes), list[Notice]()
    project, version = ctx.project, ctx.project.version + 1
    for use, run in move.effects:
        about = EffectContext(project, move.transition, move.source, move.target, outcome, ctx.actor, ctx.at, version)
        try:
            made = [item if isinstance(item, Notice) else _checked(item, check) for item in run(about)]
        except Exception as error:
            raise EffectError(use.use, move.transition.id, error) from error
        notices += [item for item in made if isinstance(item, Notice)]
        new = [item for item in made if not isinstance(item, Notice)]
        changes += new
        fields, entries = apply_changes(
            project.fields, project.entries, new, version=version, at=ctx.at, by=ctx.actor.name
        )
        project = attrs.evolve(project, fields=fields, entries=entries)
    return tuple(changes), tuple(notices)


def _checked(item: Any, check: CheckChanges) -> Change:
    if isinstance(item, FieldSet):
        return check({item.field: item.value})[0]
    if isinstance(item, EntryPut):
        return check({}, [item.entry])[0]
    if isinstance(item, EntryDropped):
        return item
    raise InputError("result of an effect", item, "Return FieldSet, EntryPut, EntryDropped or Notice.")
