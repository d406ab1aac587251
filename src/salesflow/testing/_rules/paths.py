"""
The paths that together take every edge of a lifecycle, to drive another system along them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ... import Lifecycle
from ..._definition.graph import Graph, Path
from .._given import a_lifecycle


def paths(lifecycle: Lifecycle) -> tuple[Path, ...]:
    """
    Return a few paths from the opening of a project that together take every edge, guards aside.

    Each edge is the last of a shortest path to it, or lies on another path. Edges that no path takes are left out;
    :func:`assert_reachable` names it.

    Raises:
        InputError: for something other than a lifecycle.
    """
    graph = Graph.of(a_lifecycle(lifecycle).definition)
    shortest: dict[tuple[str, str, str], Path] = {}
    for place, path in graph.places().items():
        for step, there in graph.steps(place):
            shortest.setdefault((place.stage, step.transition, there.stage), Path(path.initial, (*path.steps, step)))
    kept: list[Path] = []
    covered: set[tuple[str, str, str]] = set()
    for edge, path in sorted(shortest.items(), key=lambda item: -len(item[1].steps)):
        if edge not in covered:
            kept.append(path)
            covered.update(_edges(path))
    return tuple(kept)


def _edges(path: Path) -> Iterator[tuple[str, str, str]]:
    stage = path.initial.stage
    for step in path.steps:
        yield stage, step.transition, step.target.stage
        stage = step.target.stage
