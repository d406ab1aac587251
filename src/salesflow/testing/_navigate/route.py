"""
Navigation to a goal: follow a route, learn from every transition that stays refused, and try another route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs

from ..._definition.edges import Edge
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.definition import Definition, Transition
from ..._model.facts import Transitioned
from ..._model.frozen import EMPTY, FrozenDict, noun
from ..._model.project import Project
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ...errors import InputError, SalesflowError, nearest, say
from .._given import a_lifecycle
from .._rules.graph import Graph, Place, search, steps_of
from .._store.facts import NOW
from .attempt import take
from .context import Help, Means, NavigationContext, StuckError, at_any_time


@noun
class RouteStep:
    """
    One edge of a route, with the outcome to pass where the caller may choose.
    """

    edge: Edge
    outcome: str | None
    before: Place
    after: Place

    @property
    def key(self) -> tuple[str, Place, str | None]:
        """
        What distinguishes two steps.
        """
        return self.edge.transition.id, self.before, self.outcome


Goal: TypeAlias = Callable[[RouteStep], bool]
"""Tells whether a step is the wanted step."""


@attrs.define
class Lessons:
    """
    Knowledge from failed attempts: steps that do not work, and outcomes that transitions need.
    """

    blocked: set[tuple[str, Place, str | None]] = attrs.field(factory=set[tuple[str, Place, "str | None"]])
    needs: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, "tuple[str, ...]"])

    def copy(self) -> Lessons:
        """
        Return a copy that can learn separately.
        """
        return Lessons(set(self.blocked), dict(self.needs))

    def allow(self, step: RouteStep) -> bool:
        """
        Tell whether nothing known rules out a step.
        """
        needed = self.needs.get(step.edge.transition.id)
        return step.key not in self.blocked and (needed is None or step.after.outcome in needed)

    def learn(self, step: RouteStep, stuck: StuckError) -> None:
        """
        Remember why a step did not work.
        """
        if stuck.outcomes and step.after.outcome not in stuck.outcomes:
            self.needs[step.edge.transition.id] = stuck.outcomes
        else:
            self.blocked.add(step.key)


def find_route(definition: Definition, project: Project, goal: Goal, lessons: Lessons) -> tuple[RouteStep, ...] | None:
    """
    Return the cheapest route from where a project stands whose last step is the goal, or ``None``.

    A step forward costs little, a step off the forward path more, and reopening most, so that a project
    would plausibly take the route.
    """
    graph = Graph.of(definition)
    start = Place(project.stage, project.suspended.stage if project.suspended else None, project.outcome)

    def following(node: tuple[Place, bool]) -> Iterator[tuple[RouteStep, tuple[Place, bool]]]:
        for step in _steps_from(graph, node[0]):
            if lessons.allow(step):
                yield step, (step.after, goal(step))

    for (_, reached), trail in search((start, False), following, lambda step: _COSTS.get(step.edge.transition.kind, 2)):
        if reached:
            return steps_of(trail)
    return None


def _steps_from(graph: Graph, place: Place) -> Iterator[RouteStep]:
    for edge in graph.edges_from(place):
        outcome = edge.transition.outcome
        for given in outcome if isinstance(outcome, tuple) else (None,):
            yield RouteStep(edge, given, place, graph.after(place, edge, given))


_COSTS: Final[Mapping[str, int]] = FrozenDict({"forward": 1, "reopen": 10})


def edge_goal(transition: str, source: str | None = None, target: str | None = None) -> Goal:
    """
    Return the goal of taking a transition; with *source* or *target*, of taking that edge of it.
    """
    return lambda step: (
        step.edge.transition.id == transition
        and source in (None, step.edge.source)
        and target in (None, step.edge.target)
    )


def into(stage: str, held: str | None = None) -> Goal:
    """
    Return the goal of entering a stage; with *held*, of a hold that interrupts that stage.
    """
    return lambda step: step.after.stage == stage and not step.edge.stays and held in (None, step.after.suspended)


def into_final(definition: Definition) -> Goal:
    """
    Return the goal of entering any final stage.
    """
    finals = {stage.id for stage in definition.stages if stage.final}
    return lambda step: step.after.stage in finals and not step.edge.stays


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
        lessons.learn(*stuck)
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
        InputError: for an unknown stage, and for *held* with a stage that holds nothing.
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
