"""
How projects ended, as figures count it: the class of the outcome that counts, and when it was given.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import attrs

from .columns import Columns
from .tables import NEVER


UNDECIDED: Final = "undecided"


@attrs.define(eq=False, repr=False)
class Decided:
    """
    One row a project.

    Attributes:
        class_: the class of the last outcome; ``undecided`` while there is none or after a reopening.
        at: when it was given, or :data:`NEVER`. A project that was won and then terminated counts as won when it was
            first won, and has *terminated* set.
        first_won: when it was first won, or :data:`NEVER`; of projects that count as won.
        terminated: when a project that had been won was terminated, or :data:`NEVER`.
        stage: the number of the last stage before the outcome.
        codes: the number of the class in *numbers*.
        numbers: of each class that was met.
    """

    class_: list[str]
    at: array[int]
    first_won: array[int]
    terminated: array[int]
    stage: array[int]
    codes: array[int]
    numbers: dict[str, int]

    def among(self, *classes: str) -> set[int]:
        """
        Return the numbers of classes; of those that were met.
        """
        return {self.numbers[each] for each in classes if each in self.numbers}


def decided(columns: Columns) -> Decided:
    """
    Return how each project ended. An outcome that was taken back by a reopening counts nowhere.
    """
    computed = columns.computed
    return columns.derive("decided", lambda: _decided(columns) if computed is None else computed.decide(columns))


def _decided(columns: Columns) -> Decided:
    tables = columns.tables
    projects, moves, number = tables.projects, tables.moves, tables.words.find
    count = len(projects.id)
    codes, stages = array("b", [0]) * count, array("i", projects.stage)
    ends, firsts, terminated = (array("q", [NEVER]) * count for _ in range(3))
    reopen, opening = number("reopen"), number("open")
    before = array("i", [-1]) * count
    lifecycles, numbers = projects.lifecycle, {UNDECIDED: 0}
    classes: dict[tuple[int, int], tuple[str, int]] = {}
    table = zip(moves.project, moves.outcome, moves.kind, moves.at, moves.source, strict=True)
    for row, outcome, kind, at, source in table:
        if kind == reopen:
            codes[row], ends[row], terminated[row] = 0, NEVER, NEVER
            before[row] = outcome
            continue
        if outcome == before[row]:
            continue
        before[row] = outcome
        key = lifecycles[row], outcome
        known = classes.get(key)
        if known is None:
            name = columns.class_of(*key)
            known = classes[key] = name, numbers.setdefault(name, len(numbers))
        class_, code = known
        if not code:
            codes[row], ends[row] = 0, NEVER
            continue
        if kind != opening:
            stages[row] = source
        if class_ == "terminated" and codes[row] and codes[row] == numbers.get("won"):
            terminated[row] = at
            continue
        codes[row], ends[row] = code, at
        if class_ == "won" and firsts[row] == NEVER:
            firsts[row] = at
    names = list(numbers)
    return Decided([names[code] for code in codes], ends, firsts, terminated, stages, codes, numbers)


def won_times(columns: Columns) -> Sequence[int]:
    """
    Return when each project that counts as won was won: the last time after a reopening, :data:`NEVER` for others.
    """
    found = decided(columns)
    return columns.derive(
        "won_times",
        lambda: array("q", [at if name == "won" else NEVER for name, at in zip(found.class_, found.at, strict=True)]),
    )
