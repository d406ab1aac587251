"""
Firing: decide a transition, run its effects, write what it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .._lifecycle.decision import Accepted
from .._model.facts import Entry, Notice
from .._model.lazy import LazyModule
from .._model.project import Project
from .._model.values import Actor
from ..errors import InputError, say
from .entry_lifecycles import settled_entries
from .own_notices import of_entries, of_move
from .recorder import Draft, Moment, refuse, write
from .request_key import request_key
from .results import Fired
from .runtime import NOW, Runtime, WriteTime, actor_of, check_entered, lifecycle_of, project_of, read_once
from .signal_decisions import decided_signals
from .spawn import spawned


if TYPE_CHECKING:
    from . import children as belonging
else:  # few guards ask for them
    belonging = LazyModule(f"{__package__}.children")

_Asked: TypeAlias = tuple[
    Runtime,
    WriteTime,
    str,
    Mapping[str, Any],
    Sequence[Entry],
    str | None,
    str | None,
    Mapping[str, str],
    str | None,
]


def fire(
    runtime: Runtime,
    project_id: str,
    trigger: str,
    data: Mapping[str, Any],
    entries: Sequence[Entry],
    outcome: str | None,
    reason: str | None,
    overrides: Mapping[str, str],
    spawn_id: str | None,
    actor: Actor | None,
    when: WriteTime,
    key: str | None,
    expected_version: int | None,
) -> Fired:
    """
    Take a transition; see :meth:`salesflow.Pipeline.fire`.
    """
    who, bound = actor_of(runtime, actor), None
    if entries:
        entries = read_once(entries)
    if key is not None:
        parts = {"trigger": trigger, "outcome": outcome, "reason": reason, "spawn_id": spawn_id}
        asked = lifecycle_of(runtime, project_of(runtime, project_id)).changes(data, entries)
        bound = request_key(key, project_id, "fire", asked, actor=who.name, overrides=overrides, **parts)
    move = runtime, when, trigger, data, entries, outcome, reason, overrides, spawn_id
    return write(runtime, project_id, _decide, move, who, when, bound, expected_version)


def _decide(moment: Moment[Project], asked: _Asked) -> Draft:
    """
    Return what a move writes.
    """
    runtime, when, trigger, data, entries, outcome, reason, overrides, spawn_id = asked
    project, lifecycle, who, at = moment.project, moment.lifecycle, moment.who, moment.at
    if when is not NOW:
        check_entered(runtime, project, at)
    if entries:
        entries = settled_entries(runtime, project, entries, who, at, lifecycle)
    decision = lifecycle.decide(
        project,
        trigger,
        actor=who,
        at=at,
        data=data,
        entries=entries,
        outcome=outcome,
        reason=reason,
        overrides=overrides,
        children=belonging.children_seen(runtime, lifecycle, project) if lifecycle.asking else None,
    )
    if not isinstance(decision, Accepted):
        refuse(runtime, decision)
    if "signal" in project.entries and (decided := decided_signals(moment, trigger, decision.transition.id)):
        decision = attrs.evolve(decision, changes=(*decision.changes, *decided))
    own = of_entries(project, decision.changes, who) if decision.changes else ()
    if spawn_id is not None or decision.move.transition.spawn is not None:
        return _spawning(runtime, moment, decision, spawn_id, own)
    body, notices = lifecycle.plan(decision)
    topics = lifecycle.contributions.topics
    if topics or "subscription" in project.entries:
        own += of_move(project, body.transition, topics, notices)
    return body, notices + own, None, decision, ()


def _spawning(
    runtime: Runtime, moment: Moment[Project], decision: Accepted, spawn_id: str | None, own: tuple[Notice, ...]
) -> Draft:
    """
    Return what a move writes that opens a project; its effects know the id of that project.
    """
    transition = decision.transition
    if transition.spawn is None:
        raise InputError("spawn_id=", spawn_id, say("input.no_spawn", transition=transition.id))
    child = spawned(runtime, moment.project, decision, transition.spawn, spawn_id)
    body, notices = moment.lifecycle.plan(decision, spawned=child.project_id)
    own += of_move(moment.project, body.transition, moment.lifecycle.contributions.topics, notices)
    return body, notices + own, child, decision, ()
