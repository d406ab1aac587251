"""
Firing: decide a transition, run its effects, write what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from .._lifecycle.decision import Accepted
from .._model.facts import Entry
from .._model.project import Project
from .._model.values import Actor
from ..errors import InputError
from .recorder import Draft, Moment, make_draft, refuse, write
from .request_key import request_key
from .results import Fired
from .runtime import Runtime, actor_of, lifecycle_of, project_of
from .spawn import spawned


class Request(NamedTuple):
    """
    What a call wants decided; see :meth:`salesflow.Lifecycle.decide`.

    Attributes:
        spawn_id: the id of the project that a spawning transition opens.
    """

    trigger: str
    data: Mapping[str, Any]
    entries: Sequence[Entry]
    outcome: str | None
    reason: str | None
    overrides: Mapping[str, str]
    spawn_id: str | None


make_request: Callable[
    [tuple[str, Mapping[str, Any], Sequence[Entry], str | None, str | None, Mapping[str, str], str | None]], Request
]
make_request = partial(tuple.__new__, Request)


def fire(
    runtime: Runtime,
    project_id: str,
    request: Request,
    actor: Actor | None,
    at: datetime | None,
    key: str | None,
    expected_version: int | None,
    backfill: bool,
) -> Fired:
    """
    Take a transition; see :meth:`salesflow.Pipeline.fire`.
    """
    who, bound = actor_of(runtime, actor), None
    if request.entries:
        request = request._replace(entries=tuple(request.entries))  # read once for every try
    if key is not None:
        trigger, data, entries, outcome, reason, overrides, spawn_id = request
        parts = {"trigger": trigger, "outcome": outcome, "reason": reason, "spawn_id": spawn_id}
        asked = lifecycle_of(runtime, project_of(runtime, project_id)).changes(data, entries)
        bound = request_key(key, project_id, "fire", asked, actor=who.name, overrides=overrides, **parts)
    decide = partial(_decide, runtime, request)
    return write(runtime, project_id, decide, who, at, bound, expected_version, backfill=backfill)


def _decide(runtime: Runtime, request: Request, moment: Moment[Project]) -> Draft:
    _, project, lifecycle, who, when = moment
    trigger, data, entries, outcome, reason, overrides, spawn_id = request
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
