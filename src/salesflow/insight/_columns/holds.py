"""
How long projects were on hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from .columns import Columns
from .tables import NONE


def holds_of(columns: Columns) -> Mapping[int, Sequence[tuple[int, int]]]:
    """
    Return when each visit was interrupted by holds, by its row; a hold that goes on lasts until now.
    """
    return columns.derive("holds", lambda: _holds(columns))


def _holds(columns: Columns) -> Mapping[int, Sequence[tuple[int, int]]]:
    holds, projects, visits = columns.tables.holds, columns.tables.projects, columns.tables.visits
    found: dict[int, list[tuple[int, int]]] = {}
    for visit, start, end in zip(holds.visit, holds.start, holds.end, strict=True):
        found.setdefault(visit, []).append((start, end))
    for row, suspended in enumerate(projects.suspended):
        if suspended != NONE:
            found.setdefault(suspended, []).append((visits.entered[projects.visit[row]], columns.source.now))
    return found


def held_in(columns: Columns) -> Callable[[int, int, int], int]:
    """
    Return the function that says how many microseconds a project was on hold between two times, by its row.
    """
    spans = _spans(columns)

    def held(row: int, start: int, end: int) -> int:
        return sum(max(min(until, end) - max(since, start), 0) for since, until in spans.get(row, ()))

    return held


def held_rows(columns: Columns) -> Collection[int]:
    """
    Return the rows of the projects that were ever on hold.
    """
    return _spans(columns).keys()


def _spans(columns: Columns) -> dict[int, list[tuple[int, int]]]:
    return columns.derive("held", lambda: _by_project(columns))


def _by_project(columns: Columns) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    project = columns.tables.visits.project
    for visit, spans in holds_of(columns).items():
        found.setdefault(project[visit], []).extend(spans)
    return found
