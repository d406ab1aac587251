"""
How far projects came: the stages of a funnel in their order, and when each project reached which of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from ..._model.definition import Definition, Stage, Transition
from ...errors import InputError, nearest, say
from .columns import Columns
from .decisions import UNDECIDED
from .tables import NEVER


NO_DEFINITION: Final = "no_definition"
"""The reason where nobody has the definition of the lifecycle, so that the order of its stages is not known."""

_COUNTING: Final = frozenset({UNDECIDED, "won"})
_ASIDE: Final = frozenset({"hold", "lost", "cancelled"})


class Ladder(NamedTuple):
    """
    The stages that projects climb.

    Attributes:
        stages: in their order.
        places: the place of each by its id.
    """

    stages: tuple[Stage, ...]
    places: Mapping[str, int]

    def place(self, what: str, stage: object) -> int:
        """
        Return the place of a stage that a caller names.

        Raises:
            InputError: if it is none of them.
        """
        found = self.places.get(stage) if isinstance(stage, str) else None
        if found is None:
            hint = say("input.choice", known=tuple(self.places), near=nearest(str(stage), self.places))
            raise InputError(what, stage, hint)
        return found


def one_lifecycle(columns: Columns) -> None:
    """
    Refuse a figure by stages over several lifecycles, whose stages have no common order.

    Raises:
        InputError: naming them.
    """
    names = {name for name, _ in columns.tables.lifecycles if columns.lifecycle in {None, name}}
    if len(names) > 1:
        raise InputError("lifecycle=", ", ".join(sorted(names)), say("input.several_lifecycles"))


def ladder(columns: Columns) -> Ladder:
    """
    Return the stages that projects climb by forward moves; the versions of a lifecycle are joined by the stages' ids.

    Raises:
        InputError: if several lifecycles count.
    """
    one_lifecycle(columns)
    return columns.derive("ladder", lambda: _ladder(columns))


def _ladder(columns: Columns) -> Ladder:
    joined: list[Stage] = []
    for definition in reversed(columns.definitions()):
        before = -1
        for stage in _climbed(definition):
            known = next((place for place, each in enumerate(joined) if each.id == stage.id), None)
            if known is None:
                known = before + 1
                joined.insert(known, stage)
            before = known
    return Ladder(tuple(joined), {stage.id: place for place, stage in enumerate(joined)})


def _climbed(definition: Definition) -> Sequence[Stage]:
    """
    Return the stages that a project can enter by a forward move without having failed, in their order.
    """
    classes = {each.id: each.class_ for each in definition.outcomes}

    def leads_on(transition: Transition) -> bool:
        given = transition.outcome
        outcomes = (given,) if isinstance(given, str) else given or (UNDECIDED,)
        return transition.kind == "forward" and any(classes.get(each, each) in _COUNTING for each in outcomes)

    entered = {definition.initial, *(each.target for each in definition.transitions if leads_on(each))}
    found = [stage for stage in definition.stages if stage.id in entered and stage.kind not in _ASIDE]
    numbers = {stage.id: number for number, stage in enumerate(definition.stages, 1)}
    # A stage may say its number in the sequence; the order of the file is that of the others.
    return sorted(found, key=lambda stage: stage.seq or numbers[stage.id])


class Climbs(NamedTuple):
    """
    How far projects came, and when.

    Attributes:
        heights: for each row of the projects, how many stages of the ladder it reached.
        times: for each stage of the ladder, when each project reached it, or :data:`NEVER`.
    """

    heights: array[int]
    times: Sequence[array[int]]


def climbs(columns: Columns) -> Climbs:
    """
    Return how far each project came on the ladder, and when it reached each stage up to its furthest.

    Only forward moves lead up, and a stage that was skipped is reached with the next. What an outcome brought that was
    taken back is gone, as are moves after an outcome that is not won.
    """
    return columns.derive("climbs", lambda: _climbs(columns, ladder(columns)))


def reached(columns: Columns) -> Sequence[Sequence[int]]:
    """
    Return, for each row of the projects, when it reached each stage of the ladder, from the first up to its furthest.
    """

    def listed() -> Sequence[Sequence[int]]:
        heights, times = climbs(columns)
        return [each[:height] for height, *each in zip(heights, *times, strict=True)]

    return columns.derive("reached", listed)


def _climbs(columns: Columns, steps: Ladder) -> Climbs:
    places = {columns.tables.words.find(name): place + 1 for name, place in steps.places.items()}
    count, moves = len(columns.tables.projects.id), columns.tables.moves
    if columns.computed is not None:
        heights, times, undone = columns.computed.climb(columns, places, _COUNTING)
        found = Climbs(heights, [*times, *[array("q", [NEVER]) * count for _ in steps.stages[len(times) :]]])
        for row in undone:
            _fall(found, row, 0)
        _follow(columns, found, places, columns.computed.among(moves.project, undone))
    else:
        found = Climbs(array("b", [0]) * count, [array("q", [NEVER]) * count for _ in steps.stages])
        _follow(columns, found, places, range(len(moves.project)))
    return found


def _fall(found: Climbs, row: int, height: int) -> None:
    for place in range(height, found.heights[row]):
        found.times[place][row] = NEVER
    found.heights[row] = min(height, found.heights[row])


def _follow(columns: Columns, found: Climbs, places: Mapping[int, int], chosen: Sequence[int]) -> None:
    """
    Follow some moves of projects, with all those of each project among them.
    """
    tables = columns.tables
    moves, heights, lifecycles = tables.moves, found.heights, tables.projects.lifecycle
    upwards = {tables.words.find("forward"), tables.words.find("open")}
    reopen = tables.words.find("reopen")
    counting: dict[tuple[int, int], tuple[bool, bool]] = {}
    before: dict[int, int] = {}  # how far a project had come when it got its outcome
    of, outcomes, kinds, targets, times = moves.project, moves.outcome, moves.kind, moves.target, moves.at
    for move in chosen:
        row, kind = of[move], kinds[move]
        key = lifecycles[row], outcomes[move]
        known = counting.get(key)
        if known is None:
            class_ = columns.class_of(*key)
            known = counting[key] = class_ == UNDECIDED, class_ in _COUNTING
        undecided, counts = known
        if row in before and (undecided or kind == reopen):
            _fall(found, row, before.pop(row))
        elif not undecided:
            before.setdefault(row, heights[row])
        if counts and kind in upwards:
            height = places.get(targets[move], 0)
            for place in range(heights[row], height):
                found.times[place][row] = times[move]
            heights[row] = max(height, heights[row])
