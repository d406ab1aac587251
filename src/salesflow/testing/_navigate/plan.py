"""
Finds the way to a stage or a transition: over the graph, with what was learned at the gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Final, TypeAlias

import attrs

from ..._definition.edges import Edge, edges_of
from ..._model.definition import UNDECIDED, Definition
from ..._model.frozen import FrozenDict
from ..._model.project import Project
from .context import StuckError


@attrs.frozen
class Place:
    """
    Where a project stands, as far as the graph can tell.

    Attributes:
        held: the stage that a hold interrupted.
    """

    stage: str
    held: str | None
    outcome: str

    @classmethod
    def of(cls, project: Project) -> Place:
        """
        Return the place of a project.
        """
        return cls(project.stage, project.suspended.stage if project.suspended else None, project.outcome)


@attrs.frozen
class Step:
    """
    One edge on the way, with the outcome that is given where the caller may choose.
    """

    edge: Edge
    outcome: str | None
    before: Place
    after: Place

    @property
    def key(self) -> tuple[str, Place, str | None]:
        """
        What tells two steps apart.
        """
        return self.edge.transition.id, self.before, self.outcome


Goal: TypeAlias = Callable[[Step], bool]
"""Tells whether a step is the one that was wanted."""


@attrs.define
class Lessons:
    """
    What walking has shown: steps that do not work, and outcomes that transitions need.
    """

    blocked: set[tuple[str, Place, str | None]] = attrs.field(factory=set[tuple[str, Place, "str | None"]])
    needs: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, "tuple[str, ...]"])

    def copy(self) -> Lessons:
        """
        Return a copy to learn on.
        """
        return Lessons(set(self.blocked), dict(self.needs))

    def allow(self, step: Step) -> bool:
        """
        Tell whether nothing speaks against a step.
        """
        needed = self.needs.get(step.edge.transition.id)
        final_outcome = step.after.outcome
        return step.key not in self.blocked and (needed is None or final_outcome in needed)

    def learn(self, step: Step, stuck: StuckError) -> None:
        """
        Remember why a step did not work.
        """
        if stuck.outcomes and step.after.outcome not in stuck.outcomes:
            self.needs[step.edge.transition.id] = stuck.outcomes
        else:
            self.blocked.add(step.key)


def steps_from(definition: Definition, place: Place) -> Iterator[Step]:
    """
    Yield every step that the graph allows from a place, in file order.
    """
    stages = {stage.id: stage for stage in definition.stages}
    for edge in edges_of(definition):
        if edge.source != place.stage or (edge.previous is not None and edge.previous != place.held):
            continue
        set_by = edge.transition.outcome
        for given in set_by if isinstance(set_by, tuple) else (None,):
            outcome = (set_by if isinstance(set_by, str) else given) or place.outcome
            target = stages[edge.target]
            if outcome == UNDECIDED and target.final and target.kind in definition.outcomes and not edge.stays:
                outcome = target.kind
            yield Step(edge, given, place, Place(edge.target, _held(edge, place), outcome))


def _held(edge: Edge, place: Place) -> str | None:
    if edge.stays:
        return place.held
    if edge.transition.kind == "hold":
        return place.held or place.stage
    return None


def route(definition: Definition, start: Place, goal: Goal, lessons: Lessons) -> tuple[Step, ...] | None:
    """
    Return the shortest way whose last step is the goal, or ``None``.

    A step forward is short; what leaves the forward path counts more, and reopening most, so that
    the way is one that a project would take.
    """
    before: dict[Place, Step | None] = {}
    # The number settles ties, in file order; a step is the last of its way or leads to a place.
    todo: list[tuple[int, int, Place, Step | None]] = [(0, 0, start, None)]
    number = 0
    while todo:
        cost, _, place, step = heappop(todo)
        if step is not None and goal(step):
            return (*_back(before, step.before), step)
        if place in before:
            continue
        before[place] = step
        for step in steps_from(definition, place):
            if lessons.allow(step) and (step.after not in before or goal(step)):
                number += 1
                heappush(todo, (cost + _COSTS.get(step.edge.transition.kind, 2), number, step.after, step))
    return None


_COSTS: Final[Mapping[str, int]] = FrozenDict({"forward": 1, "reopen": 10})


def _back(before: dict[Place, Step | None], place: Place) -> tuple[Step, ...]:
    found: list[Step] = []
    step = before[place]
    while step is not None:
        found.append(step)
        step = before[step.before]
    return tuple(reversed(found))


def edge_goal(transition: str, source: str | None = None, target: str | None = None) -> Goal:
    """
    Return the goal of taking a transition, from one of its stages if one is named.
    """

    def reached(step: Step) -> bool:
        edge = step.edge
        return edge.transition.id == transition and source in (None, edge.source) and target in (None, edge.target)

    return reached


def into(stage: str, held: str | None = None) -> Goal:
    """
    Return the goal of entering a stage; for a hold, one that interrupted *held*.
    """
    return lambda step: step.after.stage == stage and not step.edge.stays and held in (None, step.after.held)


def into_final(definition: Definition) -> Goal:
    """
    Return the goal of entering any final stage.
    """
    finals = {stage.id for stage in definition.stages if stage.final}
    return lambda step: step.after.stage in finals and not step.edge.stays
