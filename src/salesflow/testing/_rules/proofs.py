"""
Proofs over the graph of a lifecycle, as assertions for tests: each shows a path that breaks it.

Guards may give any answer here, so what is proved holds for every history; see :mod:`salesflow.testing.rules`
for the names of stages, transitions and guards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ... import Lifecycle
from ..._definition.edges import Edge
from ..._definition.graph import Graph, Path, Place, Step, search, steps_of
from .. import rules
from .._given import a_lifecycle
from .events import Named, Names, check_names, events_along, opening, to_names
from .rule import Rule


__tracebackhide__ = True  # pytest shows the assertion of the test, not the code of the proof


def assert_rules(lifecycle: Lifecycle, *proved: Rule) -> None:
    """
    Assert that no path through a lifecycle breaks any of the rules.

    Raises:
        AssertionError: with a shortest path for each rule that can be broken.
        InputError: for something other than a lifecycle, and a name that is unknown or ambiguous in it.
    """
    a_lifecycle(lifecycle)
    found = [broken for broken in (rule.prove(lifecycle) for rule in proved) if broken is not None]
    _fail(lifecycle, [str(broken) for broken in found])


def assert_never(lifecycle: Lifecycle, names: Names, *, after: Names | None = None, until: Names | None = None) -> None:
    """
    Assert :func:`rules.never <salesflow.testing.rules.never>` of a lifecycle.

    Raises:
        AssertionError: with a shortest path that breaks it.
        InputError: for something other than a lifecycle, and a name that is unknown or ambiguous in it.
    """
    assert_rules(lifecycle, rules.never(names, after=after, until=until))


def assert_always_before(lifecycle: Lifecycle, first: Names, then: Names, *, since: Names | None = None) -> None:
    """
    Assert :func:`rules.always_before <salesflow.testing.rules.always_before>` of a lifecycle.

    Raises:
        AssertionError: with a shortest path that breaks it.
        InputError: for something other than a lifecycle, and a name that is unknown or ambiguous in it.
    """
    assert_rules(lifecycle, rules.always_before(first, then, since=since))


def assert_reachable(lifecycle: Lifecycle, *names: str) -> None:
    """
    Assert that stages can be entered and transitions taken; without names, all of them.

    A resume leads only to the stage that was held, which the check of a definition does not follow.

    Raises:
        AssertionError: with each name that cannot be reached, and why no path leads to it.
        InputError: for something other than a lifecycle, and a name that is unknown or ambiguous in it.
    """
    every = [f"stage:{stage.id}" for stage in a_lifecycle(lifecycle).stages] + [
        f"transition:{t.id}" for t in lifecycle.transitions
    ]
    wanted = to_names("assert_reachable", names or every)
    check_names(wanted, lifecycle)
    graph = Graph.of(lifecycle.definition)
    events = set(opening(graph.start.stage))
    for place in graph.places():
        for edge, _ in graph.following(place):
            events.update(events_along(edge))
    missed = [named for named in wanted if not any(named.meets(event) for event in events)]
    _fail(lifecycle, [f"nothing leads to {named}{''.join(_barred(graph, named))}" for named in missed])


def _barred(graph: Graph, named: Named) -> Iterator[str]:
    """
    Yield, for each edge that would lead there, why it is never taken.
    """
    places = graph.places()
    for edge in chain.from_iterable(graph.by_stage.values()):
        if any(named.meets(event) for event in events_along(edge)):
            yield f"\n  {edge.source} --{edge.transition.id}--> {edge.target}: {_why(places, edge)}"


def _why(places: Iterable[Place], edge: Edge) -> str:
    here = [place for place in places if place.stage == edge.source]
    if not here:
        return f"nothing leads to {edge.source!r}"
    if edge.previous is not None and edge.previous not in {place.suspended for place in here}:
        return f"{edge.source!r} is never entered from {edge.previous!r}"
    return f"an earlier candidate of {edge.transition.trigger!r} without a blocking guard is always taken"


def assert_exits(lifecycle: Lifecycle, *, to: str | tuple[str, ...] = (), without: str | tuple[str, ...] = ()) -> None:
    """
    Assert that a final stage can be reached from wherever a project may stand.

    Args:
        to: the stages to reach; by default every final stage.
        without: ids of transitions that the path must not use, for example ``cancel``.

    Raises:
        AssertionError: with a shortest path to each stage from which no final stage can be reached.
        InputError: for something other than a lifecycle, and an unknown stage or transition.
    """
    a_lifecycle(lifecycle)
    wanted = {lifecycle.stage(stage).id for stage in ((to,) if isinstance(to, str) else to)}
    barred = {lifecycle.transition(name).id for name in ((without,) if isinstance(without, str) else without)}
    graph = Graph.of(lifecycle.definition)
    ends = wanted or graph.finals.keys()

    def following(place: Place) -> Iterator[tuple[Step, Place]]:
        return ((step, there) for step, there in graph.steps(place) if step.transition not in barred)

    stuck: dict[str, str] = {}
    for place, trail in search(graph.start, graph.steps):
        if place.stage in stuck or place.stage in graph.finals:
            continue
        around = {there.stage for there, _ in search(place, following)}
        if not around & ends:
            listed = ", ".join(sorted(around - {place.stage})) or "nowhere else"
            text = f"from {str(place)!r} no way leads to {' or '.join(sorted(ends))}, but to {listed}"
            stuck[place.stage] = f"{text}\n  {Path(graph.start, steps_of(trail))}"
    _fail(lifecycle, list(stuck.values()))


def _fail(lifecycle: Lifecycle, problems: list[str]) -> None:
    if problems:
        listed = "\n".join(f"- {problem}" for problem in problems)
        raise AssertionError(f"lifecycle {lifecycle.id!r} version {lifecycle.version}:\n{listed}")
