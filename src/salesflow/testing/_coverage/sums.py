"""
Adds up what was seen of a lifecycle, and holds it against what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs

from ..._definition.edges import Edge, edges_of
from ..._definition.expand import expanded, use_ids
from ..._model.definition import Definition, GuardUse
from ..._model.frozen import noun
from ..._model.verdict import Status


Marks: TypeAlias = Sequence[tuple[str, str, str]]
"""Use id, status and severity of verdicts."""

OUTCOMES: Final[tuple[Status, Status]] = ("pass", "fail")
"""What a guard must have been seen to say to count as covered."""


@noun
class EdgeCoverage:
    """
    One edge of a lifecycle: a transition from one source to one target.

    Attributes:
        rivals: how many other candidates its trigger has in this stage.
        accepted: whether a decision chose it.
        taken: whether a move along it was committed, or made on a bound object.
    """

    transition: str
    trigger: str
    source: str
    target: str
    taken: bool
    accepted: bool
    rivals: int


@noun
class GuardCoverage:
    """
    One guard of a transition, or one part of a combinator.

    Attributes:
        path: the id of the use; for a part, where it stands: ``small_or_approved.any_of[1]``.
        guard: its name.
        seen: what it was seen to say.
    """

    transition: str
    path: str
    guard: str
    seen: frozenset[Status]

    @property
    def covered(self) -> int:
        """
        How many of the two outcomes, passing and failing, were seen.
        """
        return len(self.seen & frozenset(OUTCOMES))


@noun
class DeadlineCoverage:
    """
    One deadline of a stage.

    Attributes:
        passed: whether it passed while somebody looked, so that its effects ran.
    """

    stage: str
    deadline: str
    passed: bool


@noun
class EffectCoverage:
    """
    One effect of a transition, of a deadline, or of a cadence.

    Attributes:
        owner: the transition, stage and deadline as ``offer.overdue``, or the cadence.
        effect: its name.
        ran: whether the move was committed, the deadline passed, or a slot was missed; its own condition is not looked
            at.
    """

    owner: str
    effect: str
    ran: bool


@noun
class LifecycleCoverage:
    """
    What was seen of a lifecycle.

    Attributes:
        definition: the lifecycle.
        edges: every edge, in file order.
        guards: every guard of every transition, and every part of combinators, in file order.
        visited: the stages in which a project stood.
        deadlines: every deadline of every stage, in file order.
        effects: every effect of every transition, then of every deadline, then of every cadence, in file order.
    """

    definition: Definition = attrs.field(repr=False)
    edges: tuple[EdgeCoverage, ...]
    guards: tuple[GuardCoverage, ...]
    visited: frozenset[str]
    deadlines: tuple[DeadlineCoverage, ...] = ()
    effects: tuple[EffectCoverage, ...] = ()

    @property
    def covered(self) -> int:
        """
        How many edges were taken, outcomes of guards seen, deadlines passed, and effects run.
        """
        timed = sum(one.passed for one in self.deadlines) + sum(one.ran for one in self.effects)
        return sum(edge.taken for edge in self.edges) + sum(guard.covered for guard in self.guards) + timed

    @property
    def total(self) -> int:
        """
        How many edges, deadlines and effects there are, and outcomes: two for each guard.
        """
        return len(self.edges) + len(OUTCOMES) * len(self.guards) + len(self.deadlines) + len(self.effects)

    @property
    def ratio(self) -> float:
        """
        Covered by total, from 0 to 1; 1 where there is nothing to cover.

        Every edge taken is transition coverage (0-switch coverage) of model-based testing; every guard
        seen passing and failing is condition coverage, one of the demands of MC/DC.
        """
        return self.covered / self.total if self.total else 1.0

    @property
    def not_taken(self) -> tuple[EdgeCoverage, ...]:
        """
        The edges that no move took.
        """
        return tuple(edge for edge in self.edges if not edge.taken)

    @property
    def never_chosen(self) -> tuple[EdgeCoverage, ...]:
        """
        The candidates that no decision chose, of triggers that have several.
        """
        return tuple(edge for edge in self.edges if edge.rivals and not edge.accepted)

    @property
    def not_visited(self) -> tuple[str, ...]:
        """
        The stages in which no project stood, in file order.
        """
        return tuple(stage.id for stage in self.definition.stages if stage.id not in self.visited)

    @property
    def half_seen(self) -> tuple[GuardCoverage, ...]:
        """
        The guards that were not seen both passing and failing.
        """
        return tuple(guard for guard in self.guards if guard.covered < len(OUTCOMES))


def coverage_of(
    definition: Definition,
    asked: Iterable[tuple[Any, ...]],
    accepted: set[tuple[str, ...]],
    taken: set[tuple[str, ...]],
    opened: set[str],
    passed: set[tuple[str, ...]],
) -> LifecycleCoverage:
    """
    Add up what was seen, without anything that the definition does not have.
    """
    asked = tuple(asked)
    edges = edges_of(definition)
    found = tuple(
        EdgeCoverage(
            edge.transition.id,
            edge.transition.trigger,
            edge.source,
            edge.target,
            (edge.source, edge.transition.id, edge.target) in taken,
            (edge.source, edge.transition.id, edge.target) in accepted,
            sum(_rivals(edge, other) for other in edges),
        )
        for edge in edges
    )
    stood = (
        opened | {stage for stage, *_ in asked} | {stage for source, _, target in taken for stage in (source, target)}
    )
    stages = frozenset(stage.id for stage in definition.stages if stage.id in stood)
    deadlines = tuple(
        DeadlineCoverage(stage.id, one.id, (stage.id, one.id) in passed)
        for stage in definition.stages
        for one in stage.deadlines
    )
    effects = tuple(_effects(definition, {transition for _, transition, _ in taken}, passed))
    return LifecycleCoverage(definition, found, tuple(_guards(definition, asked)), stages, deadlines, effects)


def _effects(definition: Definition, taken: set[str], passed: set[tuple[str, ...]]) -> Iterator[EffectCoverage]:
    for transition in definition.transitions:
        yield from (EffectCoverage(transition.id, use.use, transition.id in taken) for use in transition.effects)
    for stage in definition.stages:
        for deadline in stage.deadlines:
            ran = (stage.id, deadline.id) in passed
            yield from (EffectCoverage(f"{stage.id}.{deadline.id}", use.use, ran) for use in deadline.effects)
    for cadence in definition.cadences:
        ran = ("", cadence.id) in passed
        yield from (EffectCoverage(cadence.id, use.use, ran) for use in cadence.on_missed)


def _rivals(edge: Edge, other: Edge) -> bool:
    """
    Tell whether both can be candidates of one decision; edges to resume compete only from the same hold.
    """
    same = (edge.source, edge.transition.trigger) == (other.source, other.transition.trigger)
    return same and edge is not other and (None in (edge.previous, other.previous) or edge.previous == other.previous)


def _guards(definition: Definition, asked: Iterable[tuple[Any, ...]]) -> Iterator[GuardCoverage]:
    seen: dict[tuple[str, str], set[Status]] = {}
    uses = {
        one.id: tuple(zip(use_ids(one.guards), one.guards, strict=True)) for one in expanded(definition).transitions
    }
    for _, transition, marks, joins in asked:
        if transition in uses:
            said = {use_id: [mark for mark in marks if mark[0] == use_id] for use_id, _ in uses[transition]}
            groups = [said[use_id] for use_id, _ in uses[transition]]
            for path, status in _read(uses[transition], groups, list(joins)):
                seen.setdefault((transition, path), set()).add(status)
    for transition, roots in uses.items():
        for path, use in _paths(roots):
            yield GuardCoverage(transition, path, use.use, frozenset(seen.get((transition, path), ())))


def _paths(uses: Iterable[tuple[str, GuardUse]]) -> Iterator[tuple[str, GuardUse]]:
    for path, use in uses:
        yield path, use
        yield from _paths(_parts(path, use))


def _parts(path: str, use: GuardUse) -> tuple[tuple[str, GuardUse], ...]:
    return tuple((f"{path}.{use.use}[{number}]", part) for number, part in enumerate(use.guards))


def _read(
    uses: Sequence[tuple[str, GuardUse]], groups: Sequence[Marks], joins: list[Any]
) -> Iterator[tuple[str, Status]]:
    """
    Yield what each guard said; *joins* are what combinators joined, the outermost and last one at the end.
    """
    for (path, use), group in reversed(list(zip(uses, groups, strict=True))):
        if not group:
            continue
        status = _status(group, use.severity)
        yield path, status
        if status == "skipped" and use.when is not None:
            continue  # its condition skipped it, so nothing was joined
        place = next((n for n in reversed(range(len(joins))) if _belongs(use, joins[n], status)), None)
        if place is not None:
            parts = joins[place][1]
            del joins[place:]
            yield from _read(_parts(path, use), parts, joins)


def _belongs(use: GuardUse, joined: Any, status: Status) -> bool:
    """
    Tell whether this is what *use* joined. Twins are distinguished by their order, and by whether all was skipped.
    """
    word, groups = joined
    if word != use.use or [part.id or part.use for part in use.guards] != [group[0][0] for group in groups]:
        return False
    return (status == "skipped") == all(mark[1] == "skipped" for group in groups for mark in group)


def _status(group: Marks, severity: str) -> Status:
    """
    Return what a guard said on the whole; a finding that only warns in a guard that may block counts as a pass.
    """
    found: set[str] = {status if given == severity else _MILD.get(status, status) for _, status, given in group}
    return next(status for status in _ORDER if status in found)


_MILD: Final[Mapping[str, str]] = {"fail": "pass", "unknown": "pass"}
_ORDER: Final[tuple[Status, ...]] = ("fail", "unknown", "pass", "skipped")
