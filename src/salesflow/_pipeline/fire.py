"""
Firing: decide a transition, run its effects, write what it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from .._lifecycle.decision import Accepted
from .._model.facts import Entry, Fact, Transitioned
from .._model.project import Project
from .._model.values import Actor
from ..errors import InputError
from .recorder import Draft, Moment, make_draft, refuse, write
from .request_key import request_key
from .results import Fired, make_fired
from .runtime import Runtime, actor_of, lifecycle_of, project_of
from .spawn import spawned


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
    at: datetime | None,
    key: str | None,
    expected_version: int | None,
    backfill: bool,
) -> Fired:
    """
    Take a transition; see :meth:`salesflow.Pipeline.fire`.
    """
    who = actor_of(runtime, actor)
    if entries:
        entries = tuple(entries)  # read once for every try
    bound = None
    if key is not None:
        parts = {"trigger": trigger, "outcome": outcome, "reason": reason, "spawn_id": spawn_id}
        asked = lifecycle_of(runtime, project_of(runtime, project_id)).changes(data, entries)
        bound = request_key(key, project_id, "fire", asked, actor=who.name, overrides=overrides, **parts)
    # One partial: a closure over all of these costs a cell for each, in every call.
    decide = partial(_decide, runtime, trigger, data, entries, outcome, reason, overrides, spawn_id)
    fact, project, failures, replayed, child, decision = write(
        runtime, project_id, decide, who=who, at=at, key=bound, expected_version=expected_version, backfill=backfill
    )
    if replayed:
        return Fired(fact, project, replayed=True, spawned=_spawned_by(runtime, fact))
    return make_fired(fact, project, failures, False, decision, child)


def _decide(
    runtime: Runtime,
    trigger: str,
    data: Mapping[str, Any],
    entries: Sequence[Entry],
    outcome: str | None,
    reason: str | None,
    overrides: Mapping[str, str],
    spawn_id: str | None,
    moment: Moment[Project],
) -> Draft:
    _, project, lifecycle, who, when = moment
    decision = lifecycle.decide(
        project,
        trigger,
        actor=who,
        at=when,
        data=data,
        entries=entries,
        outcome=outcome,
        reason=reason,
        overrides=overrides,
    )
    if not isinstance(decision, Accepted):
        refuse(runtime, decision)
    if spawn_id is not None or decision.move.transition.spawn is not None:
        return _spawning(runtime, moment, decision, spawn_id)
    body, notices = lifecycle.plan(decision)
    return make_draft((body, notices, None, decision))


def _spawning(runtime: Runtime, moment: Moment[Project], decision: Accepted, spawn_id: str | None) -> Draft:
    """
    Return what a move writes that opens a project; its effects know the id of that project.
    """
    transition = decision.transition
    if transition.spawn is None:
        raise InputError("spawn_id=", spawn_id, f"Transition {transition.id!r} opens no project; leave it out.")
    child = spawned(runtime, moment.project, decision, transition.spawn, spawn_id)
    body, notices = moment.lifecycle.plan(decision, spawned=child.project_id)
    return Draft(body, notices, child, decision)


def _spawned_by(runtime: Runtime, fact: Fact) -> Project | None:
    """
    Return the project that a stored move opened, as it stands now.
    """
    child_id = fact.body.spawned if isinstance(fact.body, Transitioned) else None
    return None if child_id is None else project_of(runtime, child_id)
