"""
Routes: the cheapest way through the graph of a lifecycle from where a project stands, around what did not work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

import attrs

from .._definition.edges import Edge
from .._definition.graph import Graph, Place, search, steps_of
from .._model.definition import Definition
from .._model.frozen import FrozenDict, noun
from .._model.project import Project


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

    def learn(self, step: RouteStep, outcomes: tuple[str, ...] = ()) -> None:
        """
        Remember that a step did not work; *outcomes* are those that it takes, where it said so.
        """
        if outcomes and step.after.outcome not in outcomes:
            self.needs[step.edge.transition.id] = outcomes
        else:
            self.blocked.add(step.key)


def find_route(
    definition: Definition,
    project: Project,
    goal: Goal,
    lessons: Lessons,
    allowed: Callable[[RouteStep], bool] = lambda _step: True,
) -> tuple[RouteStep, ...] | None:
    """
    Return the cheapest route from where a project stands whose last step is the goal, or ``None``.

    A step forward costs little, a step off the forward path more, and reopening most, so that a project
    would plausibly take the route.

    Args:
        allowed: tells which steps may be taken at all.
    """
    graph = Graph.of(definition)
    start = Place(project.stage, project.suspended.stage if project.suspended else None, project.outcome)

    def following(node: tuple[Place, bool]) -> Iterator[tuple[RouteStep, tuple[Place, bool]]]:
        for step in _steps_from(graph, node[0]):
            if lessons.allow(step) and allowed(step):
                yield step, (step.after, goal(step))

    for (_, reached), trail in search((start, False), following, lambda step: cost_of((step,))):
        if reached:
            return steps_of(trail)
    return None


def _steps_from(graph: Graph, place: Place) -> Iterator[RouteStep]:
    for edge in graph.edges_from(place):
        outcome = edge.transition.outcome
        for given in outcome if isinstance(outcome, tuple) else (None,):
            yield RouteStep(edge, given, place, graph.after(place, edge, given))


_COSTS: Final[Mapping[str, int]] = FrozenDict({"forward": 1, "reopen": 10})


def cost_of(route: tuple[RouteStep, ...]) -> int:
    """
    Return what a route costs.
    """
    return sum(_COSTS.get(step.edge.transition.kind, 2) for step in route)


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
