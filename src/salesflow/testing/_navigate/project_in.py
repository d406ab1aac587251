"""
``project_in``: a project in any stage, with facts that a pipeline accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.frozen import EMPTY
from ..._model.project import Project
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ...errors import InputError, did_you_mean
from .._given import a_lifecycle
from .._store.facts import NOW
from .plan import Lessons, into
from .remedies import Help, Means
from .route import scout, taken_by
from .walker import Walker


def project_in(
    stage: str,
    lifecycle: Lifecycle,
    *,
    pipeline: Pipeline | None = None,
    id: str = "project-1",  # noqa: A002 -- the word of the domain
    name: str = "A project",
    fields: Mapping[str, Any] = EMPTY,
    actor: Actor | None = None,
    actors: Iterable[Actor] | None = None,
    at: datetime = NOW,
    held: str | None = None,
    values: Mapping[str, Any] | None = None,
    help: Help | None = None,  # noqa: A002 -- what it is
) -> Project:
    """
    Bring a project to a stage by the shortest way, through every gate on it.

    Whatever the guards ask for is recorded, approved or waited for as their remedies say, so the
    history is one that could have happened. Transitions take place as early as they can: from *at* on.

    Args:
        stage: any of the lifecycle's, also one of kind ``hold`` and a final one.
        pipeline: where the project is opened; a new one in memory by default.
        fields: what it is opened with.
        actor: who acts; gets the roles that guards ask for, unless *actors* says who has which.
        actors: everybody there is. Without them, people are made up.
        held: for a stage of kind ``hold``, the stage that is interrupted.
        values: by field, values to try first: one, a list, or a strategy of Hypothesis.
        help: is asked before remedies are read; see :data:`Help`.

    Raises:
        NoWayError: naming the transitions that could not be taken, their verdicts and what was tried.
        InputError: for a stage that the lifecycle does not have, and for *held* of one that holds nothing.
    """
    stages = [one.id for one in a_lifecycle(lifecycle).stages]
    for wanted in (stage, held or stage):
        if wanted not in stages:
            raise InputError("stage", wanted, f"Stages: {', '.join(stages)}.{did_you_mean(wanted, stages)}")
    kind = lifecycle.stage(stage).kind
    if held is not None and kind != "hold":
        raise InputError("held=", held, f"Stage {stage!r} is of kind {kind!r} and interrupts nothing; leave it out.")
    means = Means.of(lifecycle, values=values, help=help, actors=actors)
    who = actor or means.first_actor()

    known = (lifecycle,) if pipeline is None else tuple(pipeline._runtime.lifecycles.values())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- what it may spawn

    def opened(where: Pipeline) -> Walker:
        project = where.open(name, id=id, fields=fields, lifecycle=lifecycle, actor=who, at=at)
        return Walker(where, project.id, means, who, at=project.updated_at)

    if stage == lifecycle.definition.initial:
        return opened(pipeline or Pipeline(known)).project
    goal, said, lessons = into(stage, held), f"stage {stage!r}", Lessons()
    scouted = scout(lambda: opened(Pipeline(known)), goal, said, lessons)
    if pipeline is None:
        return scouted.project
    walker = opened(pipeline)
    for step in taken_by(scouted):
        walker.take(*step)
    return walker.project
