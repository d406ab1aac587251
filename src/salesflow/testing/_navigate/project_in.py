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
from .attempt import take
from .context import NavigationContext
from .plan import Lessons, into
from .remedies import Help, Means
from .route import scout, taken_in


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
    Open a project and bring it to a stage by the shortest open route, past every guard on it.

    Whatever the guards ask for is recorded, approved or waited for as their remedies say, so the
    history could have happened. Transitions take place as early as they can, from *at* on.

    Args:
        stage: any stage of the lifecycle, also a hold or a final stage.
        pipeline: where the project is opened; by default a new pipeline in memory.
        fields: the fields it is opened with.
        actor: who acts; gets the roles that guards ask for, unless *actors* says who has which.
        actors: all people. Without them, people are invented.
        held: for a stage of kind ``hold``, the stage that is interrupted.
        values: by field, values to try first: a value, a list, or a strategy of Hypothesis.
        help: called before remedies are read; see :data:`Help`.

    Raises:
        NoWayError: with the transitions that could not be taken, their verdicts and what was tried.
        InputError: for an unknown stage, and for *held* with a stage that holds nothing.
    """
    stages = [known.id for known in a_lifecycle(lifecycle).stages]
    for wanted in (stage, held or stage):
        if wanted not in stages:
            raise InputError("stage", wanted, f"Stages: {', '.join(stages)}.{did_you_mean(wanted, stages)}")
    kind = lifecycle.stage(stage).kind
    if held is not None and kind != "hold":
        raise InputError("held=", held, f"Stage {stage!r} is of kind {kind!r} and interrupts nothing; leave it out.")
    means = Means.of(lifecycle, values=values, help=help, actors=actors)
    who = actor or means.first_actor()

    known = (lifecycle,) if pipeline is None else tuple(pipeline._runtime.lifecycles.values())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- what it may spawn

    def opened(where: Pipeline) -> NavigationContext:
        project = where.open(name, id=id, fields=fields, lifecycle=lifecycle, actor=who, at=at)
        return NavigationContext(where, project.id, means, who, at=project.updated_at)

    if stage == lifecycle.definition.initial:
        return opened(pipeline or Pipeline(known)).project
    scouted = scout(lambda: opened(Pipeline(known)), into(stage, held), f"stage {stage!r}", Lessons())
    if pipeline is None:
        return scouted.project
    context = opened(pipeline)
    for step in taken_in(scouted):
        take(context, *step)
    return context.project
