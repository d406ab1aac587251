"""
The graph of a lifecycle: the places where a project may stand, with holds and outcomes, guards aside.

A place is a stage together with the stage that a hold interrupted, which decides where a resume
leads, and the outcome. Guards may give any answer, with two exceptions: the answers of ``outcome_set`` and
``undecided`` follow from the outcome, and a transition without a blocking guard is always taken, so later candidates
of the same trigger never are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeAlias, TypeVar

from .._model.definition import UNDECIDED, Definition, GuardUse, Transition
from .._model.frozen import noun
from .edges import Edge, edges_of


N = TypeVar("N", bound=Hashable)
S = TypeVar("S")


@noun
class Place:
    """
    Where a project stands: its stage, the stage that a hold interrupted, and the outcome.
    """

    stage: str
    suspended: str | None = None
    outcome: str = ""

    def __str__(self) -> str:
        return self.stage if self.suspended is None else f"{self.stage} (holding {self.suspended})"


@noun
class Step:
    """
    One transition of a path, and where it leads.
    """

    transition: str
    target: Place


@noun
class Path:
    """
    A path through a lifecycle, written ``lead --go--> offer --win--> won``; a new outcome is in brackets.
    """

    initial: Place
    steps: tuple[Step, ...] = ()

    @property
    def transitions(self) -> tuple[str, ...]:
        """
        The ids of the transitions taken, in order.
        """
        return tuple(step.transition for step in self.steps)

    def __str__(self) -> str:
        text, outcome = str(self.initial), self.initial.outcome
        for step in self.steps:
            changed = "" if step.target.outcome == outcome else f" [{step.target.outcome}]"
            text, outcome = f"{text} --{step.transition}--> {step.target}{changed}", step.target.outcome
        return text


@noun(eq=False)
class Graph:
    """
    The edges of a lifecycle by stage, in the order of the file, in which candidates are tried.
    """

    start: Place
    finals: Mapping[str, str]
    """By final stage, the outcome it gives to a project that is undecided; empty if none."""
    by_stage: Mapping[str, tuple[Edge, ...]]

    @classmethod
    def of(cls, definition: Definition) -> Graph:
        """
        Read the graph of a definition that can be built.
        """
        by_stage: dict[str, list[Edge]] = {stage.id: [] for stage in definition.stages}
        for edge in edges_of(definition):
            by_stage[edge.source].append(edge)
        first = definition.outcome_ids[0]
        settling = definition.outcome_ids if first == UNDECIDED else ()
        return cls(
            Place(definition.initial, None, first),
            {stage.id: stage.kind if stage.kind in settling else "" for stage in definition.stages if stage.final},
            {stage: tuple(edges) for stage, edges in by_stage.items()},
        )

    def following(self, place: Place) -> Iterator[tuple[Edge, Place]]:
        """
        Yield every edge that a project can take from a place for some answers of the guards, and where it leads.
        """
        passed: defaultdict[str, set[str | None]] = defaultdict(set)  # by trigger
        for edge in self.edges_from(place):
            calls, earlier = _calls(edge.transition), passed[edge.transition.trigger]
            for given in calls:
                if given not in earlier and _may(edge.transition, given, place):
                    yield edge, self.after(place, edge, given)
            if not any(use.severity == "block" for use in edge.transition.guards):
                earlier.update(calls)

    def edges_from(self, place: Place) -> Iterator[Edge]:
        """
        Yield the edges that start at a place, in the order of the file, whatever guards answer.
        """
        return (edge for edge in self.by_stage.get(place.stage, ()) if edge.previous in (None, place.suspended))

    def after(self, place: Place, edge: Edge, given: str | None) -> Place:
        """
        Return where an edge leads from a place, as :func:`salesflow.replay` does.

        Args:
            given: the outcome that the caller names.
        """
        outcome = _outcome(edge.transition, given, place)
        if edge.stays:
            return Place(place.stage, place.suspended, outcome)
        if outcome == UNDECIDED:
            outcome = self.finals.get(edge.target) or outcome
        held = (place.suspended or place.stage) if edge.transition.kind == "hold" else None
        return Place(edge.target, held, outcome)

    def steps(self, place: Place) -> Iterator[tuple[Step, Place]]:
        """
        Yield the same edges as steps of a path, and where they lead.
        """
        for edge, there in self.following(place):
            yield Step(edge.transition.id, there), there

    def places(self) -> Mapping[Place, Path]:
        """
        Return every place that can be reached, each with a shortest path to it.
        """
        return {place: Path(self.start, steps_of(trail)) for place, trail in search(self.start, self.steps)}


def _calls(transition: Transition) -> tuple[str | None, ...]:
    """
    Return the outcomes that a caller may name; a call with any other outcome skips the candidate.
    """
    given = transition.outcome
    return (None, *((given,) if isinstance(given, str) else given or ()))


def _outcome(transition: Transition, given: str | None, place: Place) -> str:
    return transition.outcome if isinstance(transition.outcome, str) else given or place.outcome


def _may(transition: Transition, given: str | None, place: Place) -> bool:
    if place.outcome != UNDECIDED and any(use.use == "undecided" and is_certain(use) for use in transition.guards):
        return False
    outcome = _outcome(transition, given, place)
    asked: list[tuple[str, ...]] = [
        use.params["allowed"] for use in transition.guards if use.use == "outcome_set" and is_certain(use)
    ]
    return all(outcome in allowed for allowed in asked)


def is_certain(use: GuardUse) -> bool:
    """
    Return whether a transition can only be taken if the guard of this use has passed.
    """
    return use.severity == "block" and use.when is None and not use.override


Trail: TypeAlias = "tuple[Any, Any] | None"
"""The trail to the place before, and the last step, so that paths share their beginnings; ``None`` at the start."""


def search(
    start: N, following: Callable[[N], Iterable[tuple[S, N]]], cost: Callable[[S], int] = lambda _step: 1
) -> Iterator[tuple[N, Trail]]:
    """
    Yield every node that can be reached, the cheapest to reach first, each with a cheapest trail to it.
    """
    seen: set[N] = set()
    number = count()  # settles ties, in the order in which steps are found
    todo: list[tuple[int, int, N, Trail]] = [(0, next(number), start, None)]
    while todo:
        spent, _, here, trail = heappop(todo)
        if here in seen:
            continue
        seen.add(here)
        yield here, trail
        for step, there in following(here):
            if there not in seen:
                heappush(todo, (spent + cost(step), next(number), there, (trail, step)))


def steps_of(trail: Trail) -> tuple[Any, ...]:
    """
    Return the steps of a trail, in order.
    """
    steps: list[Any] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))
