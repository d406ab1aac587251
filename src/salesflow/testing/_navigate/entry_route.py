"""
The way of an entry to a status that a remedy asks for, by the transitions of the lifecycle of its kind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Entry
from ..._model.values import Actor
from ..._pipeline.entry_lifecycles import lifecycle_of_entry
from ..._pipeline.pipeline import runtime_of
from ...errors import InputError, SalesflowError, TransitionRefusedError
from .context import NavigationContext
from .remedies_entries import values_for


_TRIES = 4  # moves with what a refusal misses


def is_moved(context: NavigationContext, entry: Any) -> bool:
    """
    Tell whether an entry has a status that only moves lead to.
    """
    held = context.project.held(entry.kind).get(entry.id)
    try:
        lifecycle = lifecycle_of_entry(runtime_of(context.pipeline), entry.kind, held)
    except InputError:
        return False
    now: Any = None if held is None else held.entry
    return bool(entry.status != (lifecycle.definition.initial if now is None else now.status))


def bring_entry(context: NavigationContext, entry: Any, actor: Actor) -> bool:
    """
    Put an entry into the dossier, unless it is there already, and take it to its status; return whether it was put.
    """
    pipeline, project = context.pipeline, context.project
    held = project.held(entry.kind).get(entry.id)
    lifecycle = lifecycle_of_entry(runtime_of(pipeline), entry.kind, held)
    before: Any = None if held is None else held.entry
    start = lifecycle.definition.initial if before is None else before.status
    first: Entry = attrs.evolve(entry, status=start)
    try:
        if first != before:
            pipeline.add(project.id, first, actor=actor, at=context.at)
        return all(_move(context, lifecycle, entry, trigger, actor) for trigger in _way(lifecycle, start, entry.status))
    except SalesflowError:
        return False


def _way(lifecycle: Lifecycle, start: str, target: str) -> tuple[str, ...]:
    """
    Return the triggers of the shortest way between two statuses; a trigger that no status has if there is none.
    """
    ways: dict[str, tuple[str, ...]] = {start: ()}
    todo = deque([start])
    while todo:
        stage = todo.popleft()
        for each in lifecycle.transitions:
            if stage in each.source and each.target is not None and each.target not in ways:
                ways[each.target] = (*ways[stage], each.trigger)
                todo.append(each.target)
    return ways.get(target, ("",))


def _move(context: NavigationContext, lifecycle: Lifecycle, entry: Any, trigger: str, actor: Actor) -> bool:
    data: dict[str, Any] = {}
    for _ in range(_TRIES):
        try:
            context.pipeline.move_entry(
                context.project_id, entry.kind, entry.id, trigger, data=data, actor=actor, at=context.at
            )
        except TransitionRefusedError as refused:
            found = _asked(context, lifecycle, refused)
            if not found and not any(each.params.get("not_by") for each in refused.decision.missing):
                return False
            data |= found
            for each in refused.decision.missing:
                actor = context.means.another(actor, each.params.get("not_by", ())) or actor
        else:
            return True
    return False


def _asked(context: NavigationContext, lifecycle: Lifecycle, refused: TransitionRefusedError) -> Mapping[str, Any]:
    """
    Return values of the attributes that a refusal misses.
    """
    names = [each.name for each in refused.decision.missing if each.kind == "field"]
    found = {name: values_for(lifecycle.fields[name], context.at, {}) for name in names if name in lifecycle.fields}
    return {name: values[0] for name, values in found.items() if values}
