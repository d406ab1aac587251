"""
The run of effects: each sees what those before it changed, and what it returns is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import attrs

from .._model.facts import Change, EntryDropped, EntryPut, FieldSet, Notice
from .._model.fold import apply_changes
from .._model.uses import EffectUse
from ..errors import EffectError, InputError, say
from ..typing import Effect, EffectContext


CheckChanges: TypeAlias = Callable[..., tuple[Change, ...]]
"""Checks field values and entries as :meth:`salesflow.Lifecycle.changes` does."""


def run_effects(
    effects: Iterable[tuple[EffectUse, Effect]], about: EffectContext, check: CheckChanges
) -> tuple[tuple[Change, ...], tuple[Notice, ...]]:
    """
    Run effects, purely, and return the changes and notices that they make.

    Raises:
        EffectError: if an effect raises or returns what cannot be stored.
    """
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
    raise InputError("result of an effect", item, say("input.effect_result"))
