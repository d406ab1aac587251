"""
Queries: everything that is asked of a pipeline and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from .._lifecycle.decision import Decision, Option
from .._model.facts import Fact
from .._model.project import Project, replay
from .._model.values import Actor, check_text, to_utc
from ..errors import InputError, did_you_mean
from .runtime import Runtime, actor_of, lifecycle_of, project_of, time_of


def find(
    runtime: Runtime, stage: str | None, owner: str | None, outcome: str | None, after: str | None, limit: int
) -> list[Project]:
    """
    Return projects that match; see :meth:`salesflow.Pipeline.find`.
    """
    for name, asked in (("stage", stage), ("owner", owner), ("outcome", outcome), ("after", after)):
        check_text(asked, name)
    stages = {each.id for lifecycle in runtime.lifecycles.values() for each in lifecycle.stages}
    if stage is not None and stage not in stages:
        raise InputError("stage", stage, f"Stages: {', '.join(sorted(stages))}.{did_you_mean(stage, stages)}")
    return runtime.store.find(stage=stage, owner=owner, outcome=outcome, after=after, limit=limit)


def history(runtime: Runtime, project_id: str) -> tuple[Fact, ...]:
    """
    Return every fact of a project; see :meth:`salesflow.Pipeline.history`.
    """
    project_of(runtime, project_id)
    return tuple(runtime.store.load(project_id))


def as_of(runtime: Runtime, project_id: str, at: datetime) -> Project:
    """
    Return a project as it stood at a time in the past; see :meth:`salesflow.Pipeline.as_of`.
    """
    when = to_utc(at, "at")
    facts: list[Fact] = []
    for fact in history(runtime, project_id):
        if fact.at > when:
            break
        facts.append(fact)
    if not facts:
        raise InputError(f"time for project {project_id!r}", when.isoformat(), "It was opened later.")
    return replay(facts)


def decide(
    runtime: Runtime,
    project_id: str,
    trigger: str,
    actor: Actor | None,
    at: datetime | None,
    request: Mapping[str, Any],
) -> Decision:
    """
    Decide without writing anything; see :meth:`salesflow.Pipeline.decide`.
    """
    project = project_of(runtime, project_id)
    when = time_of(runtime, at, project, backfill=True)
    return lifecycle_of(runtime, project).decide(project, trigger, actor=actor_of(runtime, actor), at=when, **request)


def options(runtime: Runtime, project_id: str, actor: Actor | None, at: datetime | None) -> tuple[Option, ...]:
    """
    Return every trigger from where a project stands; see :meth:`salesflow.Pipeline.options`.
    """
    project = project_of(runtime, project_id)
    when = time_of(runtime, at, project, backfill=True)
    return lifecycle_of(runtime, project).options(project, actor=actor_of(runtime, actor), at=when)


def batch(runtime: Runtime) -> AbstractContextManager[Any]:
    """
    Return the store's way to write the commits of a block together, if it has any.
    """
    together: Callable[[], AbstractContextManager[Any]] = getattr(runtime.store, "batch", nullcontext)
    return together()
