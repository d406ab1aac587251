"""
Finds the way to a stage or a transition: over the graph, with what was learned at the gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Final, TypeAlias

import attrs

from ..._definition import UNDECIDED, Definition
from ..._frozen import FrozenDict
from ..._project import Project
from ..._ways import Way, ways
from ._hands import StuckError


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

    way: Way
    outcome: str | None
    before: Place
    after: Place

    @property
    def key(self) -> tuple[str, Place, str | None]:
        """
        What tells two steps apart.
        """
        return self.way.transition.id, self.before, self.outcome


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
        needed = self.needs.get(step.way.transition.id)
        final_outcome = step.after.outcome
        return step.key not in self.blocked and (needed is None or final_outcome in needed)

    def learn(self, step: Step, stuck: StuckError) -> None:
        """
        Remember why a step did not work.
        """
        if stuck.outcomes and step.after.outcome not in stuck.outcomes:
            self.needs[step.way.transition.id] = stuck.outcomes
        else:
            self.blocked.add(step.key)


def steps_from(definition: Definition, place: Place) -> Iterator[Step]:
    """
    Yield every step that the graph allows from a place, in file order.
    """
    stages = {stage.id: stage for stage in definition.stages}
    for way in ways(definition):
        if way.source != place.stage or (way.previous is not None and way.previous != place.held):
            continue
        set_by = way.transition.outcome
        for given in set_by if isinstance(set_by, tuple) else (None,):
            outcome = (set_by if isinstance(set_by, str) else given) or place.outcome
            target = stages[way.target]
            if outcome == UNDECIDED and target.final and target.kind in definition.outcomes and not way.stays:
                outcome = target.kind
            yield Step(way, given, place, Place(way.target, _held(way, place), outcome))


def _held(way: Way, place: Place) -> str | None:
    if way.stays:
        return place.held
    if way.transition.kind == "hold":
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
                heappush(todo, (cost + _COSTS.get(step.way.transition.kind, 2), number, step.after, step))
    return None


_COSTS: Final[Mapping[str, int]] = FrozenDict({"forward": 1, "reopen": 10})


def _back(before: dict[Place, Step | None], place: Place) -> tuple[Step, ...]:
    found: list[Step] = []
    step = before[place]
    while step is not None:
        found.append(step)
        step = before[step.before]
    return tuple(reversed(found))


def edge(transition: str, source: str | None = None, target: str | None = None) -> Goal:
    """
    Return the goal of taking a transition, from one of its stages if one is named.
    """

    def reached(step: Step) -> bool:
        way = step.way
        return way.transition.id == transition and source in (None, way.source) and target in (None, way.target)

    return reached


def into(stage: str, held: str | None = None) -> Goal:
    """
    Return the goal of entering a stage; for a hold, one that interrupted *held*.
    """
    return lambda step: step.after.stage == stage and not step.way.stays and held in (None, step.after.held)


def into_final(definition: Definition) -> Goal:
    """
    Return the goal of entering any final stage.
    """
    finals = {stage.id for stage in definition.stages if stage.final}
    return lambda step: step.after.stage in finals and not step.way.stays
