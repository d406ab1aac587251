"""
Takes every transition once, before anything is tried at random: what can be reached, and by whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from ..._definition.edges import Edge, edges_of
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.frozen import EMPTY
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ...errors import SalesflowError
from .._navigate.context import NavigationContext
from .._navigate.plan import Lessons, edge_goal
from .._navigate.remedies import Means
from .._navigate.route import scout


_MOST_PEOPLE = 12


@attrs.frozen
class Tour:
    """
    What a first walk over every edge of a lifecycle has shown.

    Attributes:
        edges: the edges that were taken, in file order.
        inner: one edge into each stage that is not final; for a hold, one from each stage.
        shut: why the others were not, by transition; only for those no edge of which was taken.
        lessons: what was learned at the gates.
        people: everybody who acted or approved.
    """

    edges: tuple[Edge, ...]
    inner: tuple[Edge, ...]
    shut: Mapping[str, str]
    lessons: Lessons
    people: tuple[Actor, ...]


def tour(
    lifecycles: Sequence[Lifecycle], means: Means, *, fields: Mapping[str, Any] = EMPTY, actor: Actor, at: datetime
) -> Tour:
    """
    Walk new projects of the last lifecycle to each of its edges.
    """
    lifecycle, lessons = lifecycles[-1], Lessons()
    edges: list[Edge] = []
    shut: dict[str, str] = {}
    people = dict.fromkeys((actor, *means.actors))

    def start() -> NavigationContext:
        pipeline = Pipeline(lifecycles)
        project = pipeline.open("A project", id="p-1", fields=fields, actor=actor, at=at)
        return NavigationContext(pipeline, project.id, means, actor, at=at, ticks=True)

    for edge in edges_of(lifecycle.definition):
        name = edge.transition.id
        try:
            context = scout(
                start, edge_goal(name, edge.source, edge.target), f"transition {name!r} of {edge.source!r}", lessons
            )
        except SalesflowError as error:
            shut.setdefault(name, str(error))
            continue
        edges.append(edge)
        people |= dict.fromkeys(fact.actor for fact in context.pipeline.history("p-1"))
    taken = {edge.transition.id for edge in edges}
    never = {name: why for name, why in shut.items() if name not in taken}
    return Tour(tuple(edges), _inner(lifecycle, edges), never, lessons, tuple(people)[:_MOST_PEOPLE])


def _inner(lifecycle: Lifecycle, edges: Iterable[Edge]) -> tuple[Edge, ...]:
    found: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        stage = lifecycle.stage(edge.target)
        if not stage.final and not edge.stays:
            found.setdefault((edge.target, edge.source if stage.kind == "hold" else ""), edge)
    return tuple(found.values())
