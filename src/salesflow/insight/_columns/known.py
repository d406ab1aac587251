"""
What was known at earlier times: the last row of each project that had happened and was recorded before a time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, cast

from .columns import Columns
from .tables import NONE, Moves, Values


LATEST: Final = 2**63 - 1
"""A time by which everything is known."""


def last_known(
    columns: Columns,
    table: Moves | Values,
    times: Sequence[int],
    counts: Sequence[int] | None = None,
    *,
    today: bool = False,
) -> Iterator[Sequence[int]]:
    """
    Yield, for each of several times, the last row of a table that each project had before it, or :data:`NONE`.

    It is what a portfolio with this time as ``as_of`` and ``known_at`` has, in one pass over the table for all times.

    Args:
        columns: of the portfolio.
        table: whose rows are in the order of the facts.
        times: in microseconds, ascending; what happened, or was recorded, at a time or later is not known by then.
        counts: 1 for each row that counts; by default all do.
        today: whether what was recorded later is known as well.
    """
    projects = len(columns.tables.projects.id)
    if columns.computed is not None:
        yield from cast(
            "Iterator[Sequence[int]]", columns.computed.last_known(table, projects, times, counts, today=today)
        )
        return
    last = array("l", [NONE]) * projects
    if [*times] == [LATEST]:
        for place, row in enumerate(table.project):
            if counts is None or counts[place]:
                last[row] = place
        yield last
        return
    new: list[dict[int, int]] = [{} for _ in times]
    for place, (row, at, known) in enumerate(zip(table.project, table.at, table.known, strict=True)):
        since = bisect_right(times, at if today else max(at, known))
        if since < len(times) and (counts is None or counts[place]):
            new[since][row] = place
    for each in new:
        for row, place in each.items():
            last[row] = max(last[row], place)
        yield array("l", last)
