"""
Walks a project to a goal, and learns at every gate that stays shut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..._model.definition import Transition
from ..._model.facts import Transitioned
from ...errors import SalesflowError
from .context import StuckError
from .plan import Goal, Lessons, Place, Step, edge_goal, route
from .walker import Walker


ATTEMPTS: Final = 60
"""How many ways are tried before a goal counts as out of reach."""


class NoWayError(SalesflowError):
    """
    A goal cannot be reached: every way to it is shut.

    Attributes:
        goal: what was wanted, in words.
        project_id: the project that was walked.
        stuck: the transitions that could not be taken, with what blocks them and what was tried.
    """

    goal: str
    project_id: str
    stuck: tuple[StuckError, ...]

    def __init__(self, goal: str, project_id: str, stuck: tuple[StuckError, ...]) -> None:
        self.goal = goal
        self.project_id = project_id
        self.stuck = stuck
        each = {f"{one.transition} {one.stage}": str(one) for one in stuck}
        why = "\n".join(each.values()) or "The graph has no way to it."
        super().__init__(f"{goal} cannot be reached by project {project_id!r}.\n{why}")


def walk(walker: Walker, goal: Goal, said: str, lessons: Lessons) -> Step:
    """
    Walk a project to a goal, learning at every gate that stays shut; return the last step.

    Raises:
        NoWayError: with every transition that could not be taken.
    """
    met: list[StuckError] = []
    for _ in range(ATTEMPTS):
        found = route(walker.lifecycle.definition, Place.of(walker.project), goal, lessons)
        if found is None:
            break
        stuck = _follow(walker, found)
        if stuck is None:
            return found[-1]
        met.append(stuck[1])
        lessons.learn(*stuck)
    raise NoWayError(said, walker.project_id, tuple(met))


def scout(start: Callable[[], Walker], goal: Goal, said: str, lessons: Lessons) -> Walker:
    """
    Reach a goal with a new project that never met a shut gate; return who walked it.

    Where no direct way is open, one transition after the other is taken first: what it does to a
    project may be what a gate asks for.

    Args:
        start: opens a new project, in a store of its own.

    Raises:
        NoWayError: with every transition that could not be taken.
    """
    met: list[StuckError] = []
    for _ in range(ATTEMPTS):
        walker = start()
        found = route(walker.lifecycle.definition, Place.of(walker.project), goal, lessons)
        if found is None:
            break
        stuck = _follow(walker, found)
        if stuck is None:
            return walker
        met.append(stuck[1])
        lessons.learn(*stuck)
    return _detour(start, goal, NoWayError(said, start().project_id, tuple(met)))


def _follow(walker: Walker, steps: tuple[Step, ...]) -> tuple[Step, StuckError] | None:
    for step in steps:
        try:
            walker.take(step.edge.transition, step.outcome)
        except StuckError as stuck:
            return step, stuck
    return None


def _detour(start: Callable[[], Walker], goal: Goal, error: NoWayError) -> Walker:
    if not error.stuck:  # the graph itself has no way
        raise error
    for first in start().lifecycle.transitions:
        walker = start()
        try:
            walk(walker, edge_goal(first.id), first.id, Lessons())
            walk(walker, goal, error.goal, Lessons())
        except NoWayError:
            continue
        return walker
    raise error


def taken_by(walker: Walker) -> tuple[tuple[Transition, str | None], ...]:
    """
    Return the transitions that a walker took, each with the outcome that was given.
    """
    found: list[tuple[Transition, str | None]] = []
    for fact in walker.pipeline.history(walker.project_id):
        if isinstance(fact.body, Transitioned):
            taken = walker.lifecycle.transition(fact.body.transition)
            found.append((taken, fact.body.outcome if isinstance(taken.outcome, tuple) else None))
    return tuple(found)
