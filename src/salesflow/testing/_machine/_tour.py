"""
Takes every transition once, before anything is tried at random: what can be reached, and by whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from ..._frozen import EMPTY
from ..._lifecycle import Lifecycle
from ..._pipeline import Pipeline
from ..._values import Actor
from ..._ways import Way, ways
from ...errors import SalesflowError
from .._walk._cures import Means
from .._walk._plan import Lessons, edge
from .._walk._walker import Walker
from .._walk._way import scout


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

    edges: tuple[Way, ...]
    inner: tuple[Way, ...]
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
    edges: list[Way] = []
    shut: dict[str, str] = {}
    people = dict.fromkeys((actor, *means.actors))

    def start() -> Walker:
        pipeline = Pipeline(lifecycles)
        project = pipeline.open("A project", id="p-1", fields=fields, actor=actor, at=at)
        return Walker(pipeline, project.id, means, actor, at=at, ticks=True)

    for way in ways(lifecycle.definition):
        name = way.transition.id
        try:
            walker = scout(start, edge(name, way.source, way.target), f"transition {name!r} of {way.source!r}", lessons)
        except SalesflowError as error:
            shut.setdefault(name, str(error))
            continue
        edges.append(way)
        people |= dict.fromkeys(fact.actor for fact in walker.pipeline.history("p-1"))
    taken = {way.transition.id for way in edges}
    never = {name: why for name, why in shut.items() if name not in taken}
    return Tour(tuple(edges), _inner(lifecycle, edges), never, lessons, tuple(people)[:_MOST_PEOPLE])


def _inner(lifecycle: Lifecycle, edges: Iterable[Way]) -> tuple[Way, ...]:
    found: dict[tuple[str, str], Way] = {}
    for way in edges:
        stage = lifecycle.stage(way.target)
        if not stage.final and not way.stays:
            found.setdefault((way.target, way.source if stage.kind == "hold" else ""), way)
    return tuple(found.values())
