"""
How far projects came: the stages of a funnel in their order, and when each project reached which of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from .._model.definition import Definition, Stage, Transition
from ..errors import InputError, nearest, say
from ._columns import Columns
from ._decisions import UNDECIDED


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
    numbers = {stage.id: number for number, stage in enumerate(definition.stages)}
    # A stage may say its number in the sequence; the order of the file is that of the others.
    return sorted(found, key=lambda stage: getattr(stage, "seq", None) or numbers[stage.id])


def reached(columns: Columns) -> Sequence[Sequence[int]]:
    """
    Return, for each row of the projects, when it reached each stage of the ladder, from the first up to its furthest.

    Only forward moves lead up, and a stage that was skipped is reached with the next. What an outcome brought that was
    taken back is gone, as are moves after an outcome that is not won.
    """
    return columns.derive("reached", lambda: _reached(columns, ladder(columns)))


def _reached(columns: Columns, steps: Ladder) -> Sequence[Sequence[int]]:
    tables = columns.tables
    moves, projects = tables.moves, tables.projects
    upwards = {tables.words.find("forward"), tables.words.find("open")}
    reopen = tables.words.find("reopen")
    places = {tables.words.find(name): place for name, place in steps.places.items()}
    climbs: list[list[int]] = [[] for _ in projects.id]
    before: dict[int, int] = {}  # how far a project had come when it got its outcome
    classes: dict[tuple[int, int], str] = {}
    for move, row in enumerate(moves.project):
        kind, climb = moves.kind[move], climbs[row]
        named = projects.lifecycle[row], moves.outcome[move]
        class_ = classes.get(named) or classes.setdefault(named, columns.class_of(*named))
        if row in before and (kind == reopen or class_ == UNDECIDED):
            del climb[before.pop(row) :]
        elif class_ != UNDECIDED:
            before.setdefault(row, len(climb))
        if kind in upwards and class_ in _COUNTING:
            place = places.get(moves.target[move], -1)
            climb.extend([moves.at[move]] * (place + 1 - len(climb)))
    return climbs
