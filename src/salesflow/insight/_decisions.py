"""
How projects ended, as figures count it: the class of the outcome that counts, and when it was given.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import attrs

from ._columns import Columns
from ._tables import NEVER


UNDECIDED: Final = "undecided"


@attrs.define(eq=False, repr=False)
class Decided:
    """
    One row a project.

    Attributes:
        class_: what the outcome counts as: the last one, ``undecided`` while there is none or after a reopening.
        at: when it was given, or :data:`NEVER`. A project that was won and then terminated counts as won when it was
            first won, and has *terminated* set.
        first_won: when it was first won, or :data:`NEVER`; of projects that count as won.
        terminated: when a project that had been won was terminated, or :data:`NEVER`.
        stage: the number of the last stage before the outcome.
    """

    class_: list[str]
    at: array[int]
    first_won: array[int]
    terminated: array[int]
    stage: array[int]


def decided(columns: Columns) -> Decided:
    """
    Return how each project ended. An outcome that was taken back by a reopening counts nowhere.
    """
    return columns.derive("decided", lambda: _decided(columns))


def _decided(columns: Columns) -> Decided:
    tables = columns.tables
    projects, moves, number = tables.projects, tables.moves, tables.words.find
    count = len(projects.id)
    found = Decided(
        [UNDECIDED] * count,
        array("q", [NEVER]) * count,
        array("q", [NEVER]) * count,
        array("q", [NEVER]) * count,
        array("i", projects.stage),
    )
    reopen, opening = number("reopen"), number("open")
    before = array("i", [-1]) * count
    classes: dict[tuple[int, int], str] = {}
    for place, row in enumerate(moves.project):
        outcome, kind = moves.outcome[place], moves.kind[place]
        if kind == reopen:
            found.class_[row], found.at[row], found.terminated[row] = UNDECIDED, NEVER, NEVER
            before[row] = outcome
            continue
        if outcome == before[row]:
            continue
        before[row] = outcome
        key = projects.lifecycle[row], outcome
        known = classes.get(key) or classes.setdefault(key, columns.class_of(*key))
        if known == UNDECIDED:
            found.class_[row], found.at[row] = UNDECIDED, NEVER
            continue
        at = moves.at[place]
        if kind != opening:
            found.stage[row] = moves.source[place]
        if known == "terminated" and found.first_won[row] != NEVER and found.class_[row] == "won":
            found.terminated[row] = at
            continue
        found.class_[row], found.at[row] = known, at
        if known == "won" and found.first_won[row] == NEVER:
            found.first_won[row] = at
    return found


def won_times(columns: Columns) -> Sequence[int]:
    """
    Return when each project that counts as won was won: the last time after a reopening, :data:`NEVER` for others.
    """
    found = decided(columns)
    return columns.derive(
        "won_times",
        lambda: array("q", [at if name == "won" else NEVER for name, at in zip(found.class_, found.at, strict=True)]),
    )
