"""
Navigation to a goal: follow a route, learn from every transition that stays refused, and try another route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._lifecycle.routes import Goal, Lessons, RouteStep, edge_goal, find_route, into
from ..._model.definition import Transition
from ..._model.facts import Transitioned
from ..._model.frozen import EMPTY
from ..._model.project import Project
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ...errors import InputError, SalesflowError, nearest, say
from .._given import a_lifecycle
from .._store.facts import NOW
from .attempt import take
from .context import Help, Means, NavigationContext, StuckError, at_any_time


ATTEMPTS: Final = 60
"""How many routes are tried before a goal counts as out of reach."""


@attrs.define(slots=False, repr=False)
class NoRouteError(SalesflowError):
    """
    A goal cannot be reached: no route to it is open.

    Attributes:
        goal: the goal, in words.
        project_id: the project that should have reached it.
        stuck: the transitions that could not be taken, with what blocks them and what was tried.
        refused: the transitions of the shortest way that had been refused before; empty if the graph has no way.
    """

    goal: str
    project_id: str
    stuck: tuple[StuckError, ...]
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        reasons = {f"{error.transition} {error.stage}": str(error) for error in self.stuck}
        nowhere = f"The shortest way to it was refused before, at {', '.join(self.refused)}."
        why = "\n".join(reasons.values()) or (nowhere if self.refused else "The graph has no way to it.")
        return f"{self.goal} cannot be reached by project {self.project_id!r}.\n{why}"


def navigate(context: NavigationContext, goal: Goal, description: str, lessons: Lessons) -> None:
    """
    Take a project to a goal, and learn from every transition that stays refused.

    Raises:
        NoRouteError: with every transition that could not be taken.
    """
    _reach(lambda: context, goal, description, lessons)


def scout(start: Callable[[], NavigationContext], goal: Goal, description: str, lessons: Lessons) -> NavigationContext:
    """
    Reach a goal with a new project to which no transition was ever refused; return its context.

    Where no direct route is open, every transition in turn is taken first: what it does to a
    project may be what a guard asks for.

    Args:
        start: opens a new project, in a store of its own.

    Raises:
        NoRouteError: with every transition that could not be taken.
    """
    try:
        return _reach(start, goal, description, lessons)
    except NoRouteError as error:
        return _detour(start, goal, error)


def _reach(start: Callable[[], NavigationContext], goal: Goal, description: str, lessons: Lessons) -> NavigationContext:
    met: list[StuckError] = []
    for _ in range(ATTEMPTS):
        context = start()
        route = find_route(context.lifecycle.definition, context.project, goal, lessons)
        if route is None:
            break
        stuck = _follow(context, route)
        if stuck is None:
            return context
        met.append(stuck[1])
        lessons.learn(stuck[0], stuck[1].outcomes)
    context = start()
    way = find_route(context.lifecycle.definition, context.project, goal, Lessons()) or ()
    refused = tuple(step.edge.transition.id for step in way if not lessons.allow(step))
    raise NoRouteError(description, context.project_id, tuple(met), refused)


def _follow(context: NavigationContext, route: tuple[RouteStep, ...]) -> tuple[RouteStep, StuckError] | None:
    for step in route:
        try:
            take(context, step.edge.transition, step.outcome)
        except StuckError as stuck:
            return step, stuck
    return None


def _detour(start: Callable[[], NavigationContext], goal: Goal, error: NoRouteError) -> NavigationContext:
    if not error.stuck:  # the graph itself has no route, or every way was tried before
        raise error
    for first in start().lifecycle.transitions:
        context = start()
        try:
            navigate(context, edge_goal(first.id), first.id, Lessons())
            navigate(context, goal, error.goal, Lessons())
        except NoRouteError:
            continue
        return context
    raise error


def taken_in(context: NavigationContext) -> tuple[tuple[Transition, str | None], ...]:
    """
    Return the transitions that the project has taken, each with the outcome that was passed.
    """
    found: list[tuple[Transition, str | None]] = []
    for fact in context.pipeline.history(context.project_id):
        if isinstance(fact.body, Transitioned):
            taken = context.lifecycle.transition(fact.body.transition)
            found.append((taken, fact.body.outcome if isinstance(taken.outcome, tuple) else None))
    return tuple(found)


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
        NoRouteError: with the transitions that could not be taken, their verdicts and what was tried.
        InputError: for an unknown stage, and for *held* with a stage that is not on hold.
    """
    stages = [known.id for known in a_lifecycle(lifecycle).stages]
    for wanted in (stage, held or stage):
        if wanted not in stages:
            raise InputError("stage", wanted, say("input.look_up", known=stages, near=nearest(wanted, stages)))
    kind = lifecycle.stage(stage).kind
    if held is not None and kind != "hold":
        raise InputError("held=", held, f"Stage {stage!r} is of kind {kind!r} and interrupts nothing; leave it out.")
    means = Means.of(lifecycle, values=values, help=help, actors=actors)
    who = actor or means.first_actor()

    known = (lifecycle,) if pipeline is None else tuple(pipeline._runtime.lifecycles.values())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- what it may spawn

    def opened(where: Pipeline) -> NavigationContext:
        project = at_any_time(where).open(name, id=id, fields=fields, lifecycle=lifecycle, actor=who, at=at)
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
