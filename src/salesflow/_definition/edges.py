"""
The edges of a definition: which there are, and where they lead.

A stage or transition that was dropped because it is malformed counts as a place that may
lead anywhere, so that each fault is reported once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet
from functools import cache
from typing import Final

import attrs

from .._model.definition import PREVIOUS, SAME, Definition, Transition
from .._model.frozen import noun
from ..errors import nearest
from .expand import expanded
from .report import Fault, fault


@noun(slots=False, eq=False, repr=False)
class UnreadParts:
    """
    What of a definition could not be read, so that each fault is reported once.

    Attributes:
        dropped: ids of malformed parts; ``""`` stands for one whose id is not known.
        unread: paths without positions, for example ``stages.produces``.
    """

    dropped: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()

    def may_hold(self, part: str, name: str) -> bool:
        """
        Tell whether *name* may be the id of one of the parts that were not read.
        """
        return name in self.dropped or (part in self.unread and "" in self.dropped)


NO_GAPS: Final = UnreadParts()


@noun(slots=False)
class Edge:
    """
    One transition from one source: an edge, before anything is bound.
    """

    index: int
    transition: Transition
    source: str
    target: str
    previous: str | None
    stays: bool


def edges_of(definition: Definition) -> tuple[Edge, ...]:
    """
    Expand every transition to its edges: ``$previous`` to one for each stage that may be held.

    The transitions of the edges are written out: no rule, no ``*``.
    """
    definition = expanded(definition)
    stages = {stage.id for stage in definition.stages}
    held = _held(definition)
    found: list[Edge] = []
    for index, transition in enumerate(definition.transitions):
        for source in dict.fromkeys(transition.source):
            if source not in stages:
                continue
            if transition.target == PREVIOUS:
                before = [stage for stage in held.get(source, ()) if stage in stages]
                found += [Edge(index, transition, source, stage, stage, False) for stage in before]
            elif transition.target == SAME or transition.spawn is not None:
                found.append(Edge(index, transition, source, source, None, True))
            elif transition.target in stages:
                found.append(Edge(index, transition, source, transition.target, None, False))
    return tuple(found)


def _held(definition: Definition) -> dict[str, dict[str, None]]:
    """
    Return the stages that each hold stage may have interrupted, in file order.

    Going from one hold to another keeps the stay that the first one interrupted.
    """
    kinds = {stage.id: stage.kind for stage in definition.stages}
    holds = [one for one in definition.transitions if one.kind == "hold" and one.target is not None]
    held: dict[str, dict[str, None]] = {}
    changing = True
    while changing:  # each round carries the stages one hold further
        before = sum(map(len, held.values()))
        for one in holds:
            into = held.setdefault(str(one.target), {})
            for source in one.source:
                into |= held.get(source, {}) if kinds.get(source) == "hold" else {source: None}
        changing = before != sum(map(len, held.values()))
    return held


def check_reach(definition: Definition, unread_parts: UnreadParts) -> Iterator[Fault]:
    """
    Yield stages nobody can enter, and stages nobody gets out of, each at its root only.
    """
    definition = _mended(definition, unread_parts)
    following: dict[str, set[str]] = {stage.id: set() for stage in definition.stages}
    for edge in edges_of(definition):
        following[edge.source].add(edge.target)
    entered, left = _wild(definition, following, unread_parts)
    paths = {stage.id: f"stages[{index}]" for index, stage in reversed(list(enumerate(definition.stages)))}
    if definition.initial in following:
        seen = _closure([definition.initial, *entered], following)
        lost = [stage for stage in following if stage not in seen]
        for stage in _roots(lost, following):
            yield fault(paths[stage], "stage.unreachable", stage=stage)
    finals = {stage.id for stage in definition.stages if stage.final}
    ends = {stage for stage in following if stage not in finals and following[stage] <= {stage}} - left
    for stage in sorted(ends):
        yield fault(paths[stage], "stage.dead_end", stage=stage)
    safe = _closure(finals | ends | left, _backwards(following)) if finals else set(following)
    for stage in following:
        if stage not in safe:
            around = _closure([stage], following, safe)
            safe |= around
            yield fault(paths[stage], "stage.no_exit", stage=stage, stages=sorted(around))


def _wild(
    definition: Definition, following: Mapping[str, set[str]], unread_parts: UnreadParts
) -> tuple[set[str], set[str]]:
    """
    Return the stages that a broken transition may enter, and those it may leave.

    One that does not say at all where it leads may have been meant for any of them.
    """
    entered, left = set(unread_parts.dropped & following.keys()), set(unread_parts.dropped & following.keys())
    held = {edge.source for edge in edges_of(definition) if edge.previous is not None}
    for transition in definition.transitions:
        target = transition.target
        sources = following.keys() & transition.source
        strange = {source for source in transition.source if source not in following}
        if (not transition.source or strange - unread_parts.dropped) and len(left) < len(following):
            left |= following.keys()
        if target in following:
            # With a spawn beside it, the target is not followed.
            entered |= {end for end in (target,) if end and (strange or not sources or transition.spawn)}
        elif target == PREVIOUS:
            left |= sources - held  # where nothing can be held, what is wrong is the way in
        elif target != SAME and transition.spawn is None:
            left |= sources
            if target not in unread_parts.dropped and len(entered) < len(following):
                entered |= following.keys()
        if target is not None and transition.spawn is not None:
            left |= sources
    return entered, left


def _mended(definition: Definition, unread_parts: UnreadParts) -> Definition:
    """
    Return the definition written out, with misspelt stages of transitions as they were most likely meant.
    """
    definition = expanded(definition)
    stages = [stage.id for stage in definition.stages]
    known = frozenset(stages)

    @cache
    def meant(name: str) -> str:
        strange = name not in known and name not in unread_parts.dropped and not name.startswith("$")
        return nearest(name, stages) or name if strange else name

    return attrs.evolve(
        definition,
        transitions=tuple(
            attrs.evolve(one, source=tuple(map(meant, one.source)), target=one.target and meant(one.target))
            for one in definition.transitions
        ),
    )


def _closure(
    start: Iterable[str], following: Mapping[str, set[str]], without: AbstractSet[str] = frozenset()
) -> set[str]:
    """
    Return the stages that are reached from *start*, by ways that avoid *without*.
    """
    seen: set[str] = set()
    todo = list(start)
    while todo:
        stage = todo.pop()
        if stage not in seen and stage not in without:
            seen.add(stage)
            todo += following[stage]
    return seen


def _backwards(following: Mapping[str, set[str]]) -> Mapping[str, set[str]]:
    """
    Return the same graph with every arrow turned round.
    """
    leading: dict[str, set[str]] = {stage: set() for stage in following}
    for stage, targets in following.items():
        for target in targets:
            leading[target].add(stage)
    return leading


def _roots(lost: list[str], following: Mapping[str, set[str]]) -> Iterator[str]:
    """
    Yield the stages of *lost* from which the rest of it could be reached.
    """
    entries = Counter(target for stage in lost for target in following[stage] - {stage})
    told: set[str] = set()
    for stage in sorted(lost, key=lambda one: entries[one] > 0):
        if stage not in told:
            told |= _closure([stage], following, told)
            yield stage
