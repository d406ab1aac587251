"""
Navigation to a goal: follow a route, learn from every transition that stays refused, and try another route.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..._model.definition import Transition
from ..._model.facts import Transitioned
from ...errors import SalesflowError
from .attempt import take
from .context import NavigationContext, StuckError
from .plan import Goal, Lessons, RouteStep, edge_goal, find_route


ATTEMPTS: Final = 60
"""How many routes are tried before a goal counts as out of reach."""


class NoWayError(SalesflowError):
    """
    A goal cannot be reached: no route to it is open.

    Attributes:
        goal: the goal, in words.
        project_id: the project that should have reached it.
        stuck: the transitions that could not be taken, with what blocks them and what was tried.
    """

    goal: str
    project_id: str
    stuck: tuple[StuckError, ...]

    def __init__(self, goal: str, project_id: str, stuck: tuple[StuckError, ...]) -> None:
        self.goal = goal
        self.project_id = project_id
        self.stuck = stuck
        reasons = {f"{error.transition} {error.stage}": str(error) for error in stuck}
        why = "\n".join(reasons.values()) or "The graph has no way to it."
        super().__init__(f"{goal} cannot be reached by project {project_id!r}.\n{why}")


def navigate(context: NavigationContext, goal: Goal, description: str, lessons: Lessons) -> None:
    """
    Take a project to a goal, and learn from every transition that stays refused.

    Raises:
        NoWayError: with every transition that could not be taken.
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
        NoWayError: with every transition that could not be taken.
    """
    try:
        return _reach(start, goal, description, lessons)
    except NoWayError as error:
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
    raise NoWayError(description, start().project_id, tuple(met))


def _follow(context: NavigationContext, route: tuple[RouteStep, ...]) -> tuple[RouteStep, StuckError] | None:
    for step in route:
        try:
            take(context, step.edge.transition, step.outcome)
        except StuckError as stuck:
            return step, stuck
    return None


def _detour(start: Callable[[], NavigationContext], goal: Goal, error: NoWayError) -> NavigationContext:
    if not error.stuck:  # the graph itself has no route
        raise error
    for first in start().lifecycle.transitions:
        context = start()
        try:
            navigate(context, edge_goal(first.id), first.id, Lessons())
            navigate(context, goal, error.goal, Lessons())
        except NoWayError:
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
