"""
The search for a route to a stage or a transition: over the graph, without what has turned out not to work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Final, TypeAlias

import attrs

from ..._definition.edges import Edge
from ..._model.definition import Definition
from ..._model.frozen import FrozenDict
from ..._model.project import Project
from .._rules.graph import Graph, Place
from .context import StuckError


@attrs.frozen
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
    before: dict[Place, RouteStep | None] = {}
    # The number settles ties, in file order; a step is the last of its route or leads to a place.
    todo: list[tuple[int, int, Place, RouteStep | None]] = [(0, 0, start, None)]
    number = 0
    while todo:
        cost, _, place, step = heappop(todo)
        if step is not None and goal(step):
            return (*_back(before, step.before), step)
        if place in before:
            continue
        before[place] = step
        for step in _steps_from(graph, place):
            if lessons.allow(step) and (step.after not in before or goal(step)):
                number += 1
                heappush(todo, (cost + _COSTS.get(step.edge.transition.kind, 2), number, step.after, step))
    return None


def _steps_from(graph: Graph, place: Place) -> Iterator[RouteStep]:
    for edge in graph.edges_from(place):
        outcome = edge.transition.outcome
        for given in outcome if isinstance(outcome, tuple) else (None,):
            yield RouteStep(edge, given, place, graph.after(place, edge, given))


_COSTS: Final[Mapping[str, int]] = FrozenDict({"forward": 1, "reopen": 10})


def _back(before: dict[Place, RouteStep | None], place: Place) -> tuple[RouteStep, ...]:
    found: list[RouteStep] = []
    step = before[place]
    while step is not None:
        found.append(step)
        step = before[step.before]
    return tuple(reversed(found))


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
