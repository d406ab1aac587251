"""
What waits for a role or a person: approvals, roles and tasks, over all open projects.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from .. import dossier
from .._model.frozen import EMPTY
from .._model.project import Project
from .._model.values import Actor, check_text, same_person
from .._model.verdict import Remedy, Verdict, alternatives
from ..errors import DefinitionChangedError, InputError, say
from .addressing import represented
from .queries import find_all, options_of
from .results import Waiting
from .runtime import Runtime, actor_of, deciding_lifecycle, time_of


TIME: Final = "time"
"""Whose turn it is where only time has to pass."""

NOBODY: Final = Actor("-")
"""Who asks: without roles, so that each role a guard needs is missing; nobody is barred as the actor of the move."""


def waiting_for(runtime: Runtime, role: str | None, actor: Actor | None, at: datetime | None) -> Iterator[Waiting]:
    """
    Yield what waits for a role or a person; see :meth:`salesflow.Pipeline.waiting_for`.
    """
    check_text(role, "role=")
    if (role is None) == (actor is None):
        raise InputError("role= and actor=", (role, actor), say("input.one_of_two"))
    who = None if actor is None else actor_of(runtime, actor)
    return _over_all(runtime, role, who, at)


def _over_all(runtime: Runtime, role: str | None, actor: Actor | None, at: datetime | None) -> Iterator[Waiting]:
    for project in find_all(runtime, {}):
        if (project.lifecycle, project.lifecycle_version) not in runtime.lifecycles:
            continue
        try:
            lifecycle = deciding_lifecycle(runtime, project)
        except DefinitionChangedError as error:
            yield Waiting(project.id, error=error)
            continue
        if any(stage.id == project.stage and stage.final for stage in lifecycle.stages):
            continue
        when = time_of(runtime, at, project)
        away = EMPTY if actor is None else represented(lifecycle, actor.name, project, when)
        for option in options_of(runtime, lifecycle, project, NOBODY, when):
            leaves = dict.fromkeys(leaf for each in option.decision.missing for leaf in leaves_of(each))
            for remedy in leaves:
                if _concerns(remedy, role, actor):
                    yield Waiting(project.id, option.trigger, remedy)
                    continue
                for name, (roles, _) in away.items():
                    if remedy.kind == "approval" and _concerns(remedy, None, Actor(name, roles=roles), actor):
                        yield Waiting(project.id, option.trigger, remedy, on_behalf_of=name)
        yield from (Waiting(project.id, task=task) for task in _tasks(project, role, actor))


def _tasks(project: Project, role: str | None, actor: Actor | None) -> Iterator[dossier.Task]:
    for task in project.all(dossier.Task):
        if task.status in ("done", "dropped"):
            continue
        if actor is None:
            theirs = task.owner is None and task.role == role
        else:
            people = (task.owner, *task.helpers)
            theirs = any(same_person(each, actor.name) for each in people) or (
                task.owner is None and task.role in actor.roles
            )
        if theirs:
            yield task


def leaves_of(remedy: Remedy) -> Iterator[Remedy]:
    """
    Yield a remedy, or those of its alternatives.
    """
    if not remedy.alternatives:
        yield remedy
    for group in remedy.alternatives:
        for each in group:
            yield from leaves_of(each)


def turn_of(verdict: Verdict) -> tuple[str, ...]:
    """
    Return whose turn it is to cure a verdict: of several ways, the best.
    """
    ways = alternatives(verdict)
    leaves = [leaf for remedy in (ways[0] if ways else ()) for leaf in leaves_of(remedy)]
    return tuple(dict.fromkeys(who for leaf in leaves for who in _who(leaf))) or ("owner",)


def _who(remedy: Remedy) -> Iterator[str]:
    if remedy.kind == "wait":
        yield from [f"project:{each}" for each in _names(remedy, "ids")] or [TIME]
    elif remedy.kind in ("role", "approval") and _names(remedy, "by"):
        yield from _names(remedy, "by")
    elif remedy.kind == "role":
        yield f"role:{remedy.name}"
    elif remedy.kind == "approval" and _names(remedy, "roles"):
        yield from (f"role:{each}" for each in _names(remedy, "roles"))
    else:
        yield "owner"


def _concerns(remedy: Remedy, role: str | None, actor: Actor | None, deputy: Actor | None = None) -> bool:
    """
    Tell whether it is for this role, or this person, perhaps through a deputy, to act.
    """
    roles = frozenset((role,)) if actor is None else actor.roles
    if remedy.kind == "role":
        named = actor is not None and any(same_person(each, actor.name) for each in _names(remedy, "by"))
        return named or remedy.name in roles
    if remedy.kind != "approval":
        return False
    among, refused = _names(remedy, "roles"), _names(remedy, "by")
    if actor is None:
        return not roles.isdisjoint(among)
    if refused:
        return any(same_person(each, actor.name) for each in refused)
    acting = [each.name for each in (actor, deputy) if each]
    barred = any(same_person(each, name) for each in _names(remedy, "not_by") for name in acting)
    return not barred and (not among or not roles.isdisjoint(among))


def waited_until(remedy: Remedy, at: datetime) -> datetime | None:
    """
    Return until when a remedy says to wait; ``None`` where it does not say.
    """
    until = remedy.params.get("until")
    if isinstance(until, datetime):
        return until
    for name, unit in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        count = remedy.params.get(name)
        if isinstance(count, int):
            return at + count * unit
    return None


def _names(remedy: Remedy, name: str) -> tuple[str, ...]:
    found: Any = remedy.params.get(name) or ()
    return (found,) if isinstance(found, str) else tuple(found)
